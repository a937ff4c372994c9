import type { ReactElement } from "react";
import type { Http } from "../api/http";
import type { Audience, Reach } from "../api/types";
import { Counted } from "./counted";
import { reasonsTold } from "./names";

interface Props {
  http: Http;
  asked: { audience: Audience; max_leads: number };
  /** How many would be written to; null while that is not known. */
  onReach: (messages: number | null) => void;
}

const messagesOf = ({ messages }: Reach): number => messages;

/** Whom a campaign would reach. */
export function ReachCount({ http, asked, onReach }: Props): ReactElement {
  return (
    <Counted http={http} path="/api/campaigns/audience" asked={asked} countOf={messagesOf} onCount={onReach}>
      {({ messages, skipped }) => (
        <>
          <p>
            <b>{messages === 1 ? "1 lead" : `${messages.toLocaleString()} leads`}</b> would be written to
            {messages === asked.max_leads && " – the newest; more may be like that"}.
            {messages === 0 && " Ask for less, or import leads first."}
          </p>
          {reasonsTold(skipped) && <p className="muted">Left out: {reasonsTold(skipped)}.</p>}
        </>
      )}
    </Counted>
  );
}
