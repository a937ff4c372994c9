import type { ReactElement } from "react";
import { Badge } from "../parts";
import { linkTo } from "../router";
import { moment } from "../times";
import type { NumberRecord } from "./record";

const TONES = { given: "ok", unasked: "degraded", suppressed: "down", unwanted: "down" } as const;
const WORDS = {
  given: "May be called",
  unasked: "Needs consent",
  suppressed: "On the do-not-call list",
  unwanted: "Wants no calls",
} as const;

interface Props {
  record: NumberRecord;
  number: string;
  /** When whose number it is wanted no more of this, by whatever way. */
  optedOutAt?: string | null;
}

/** Whether somebody may be called: since when, why, and where they said so. */
export function Standing({ record: { permission, entry }, number, optedOutAt }: Props): ReactElement | null {
  if (!permission) return null;
  const { kind, text, before } = permission;
  // The entry that an opt-out made says the same once more.
  const isToldTwice = optedOutAt && entry?.created_at === optedOutAt;
  return (
    <p className="standing">
      {optedOutAt ? (
        <>
          <Badge tone="down">Opted out</Badge> <small>on {moment(optedOutAt)}.</small>
        </>
      ) : (
        <Badge tone={TONES[kind]}>{WORDS[kind]}</Badge>
      )}{" "}
      {!isToldTwice && <small>{text}</small>}{" "}
      {entry?.conversation_id && <a href={linkTo("conversations", entry.conversation_id)}>What was said</a>}{" "}
      {kind === "suppressed" && <a href={linkTo("do_not_call", number)}>See the entry</a>}
      {before && <small className="before">{before}</small>}
    </p>
  );
}
