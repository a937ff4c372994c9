import type { ReactElement } from "react";
import type { ConsentKind } from "../api/types";
import { CONSENT_LAW, CONSENT_NAMES } from "../calls/permission";
import { Choice } from "../choice";
import { Field } from "../field";

export interface ConsentValues {
  kind: ConsentKind;
  source: string;
  /** A day, in the reader's time zone; empty: none. */
  until: string;
}

export const NO_CONSENT_YET: ConsentValues = { kind: "express_written", source: "", until: "" };

interface Props {
  values: ConsentValues;
  onChange: (values: ConsentValues) => void;
  kinds?: readonly ConsentKind[];
  /** Those with which anybody is called; not known: empty. */
  enough?: readonly ConsentKind[];
}

const GIVEN: readonly ConsentKind[] = ["express_written", "express", "existing_relationship"];

/** How somebody agreed to be called, where, and until when. */
export function ConsentFields({ values, onChange, kinds = GIVEN, enough = [] }: Props): ReactElement {
  const isShort = values.kind !== "none" && enough.length > 0 && !enough.includes(values.kind);
  return (
    <>
      <Choice
        label="How they agreed"
        value={values.kind}
        onChange={(kind) => onChange({ ...values, kind: kind as ConsentKind })}
      >
        {kinds.map((kind) => (
          <option key={kind} value={kind}>
            {CONSENT_NAMES[kind]}
          </option>
        ))}
      </Choice>
      {values.kind !== "none" && (
        <Field
          label={values.kind === "existing_relationship" ? "Until the end of" : "Until the end of (if it ends)"}
          type="date"
          required={values.kind === "existing_relationship"}
          value={values.until}
          onChange={(until) => onChange({ ...values, until })}
        />
      )}
      <p className="wide">
        <small>{CONSENT_LAW[values.kind]}</small>
        {isShort && (
          <>
            {" "}
            <small className="problem">This server calls nobody on this kind (CALL_CONSENT).</small>
          </>
        )}
      </p>
      <Field
        label="Where, for who has to show it"
        maxLength={500}
        placeholder="Web form of 2 March"
        value={values.source}
        onChange={(source) => onChange({ ...values, source })}
      />
    </>
  );
}

export const isComplete = ({ kind, source, until }: ConsentValues): boolean =>
  Boolean(source.trim()) && (kind !== "existing_relationship" || Boolean(until));

/** As the server takes it: a day lasts to its end. */
export function consentBody({ kind, source, until }: ConsentValues): Record<string, string> {
  const body: Record<string, string> = { kind, source: source.trim() };
  if (until && kind !== "none") body.valid_until = new Date(`${until}T23:59:59`).toISOString();
  return body;
}
