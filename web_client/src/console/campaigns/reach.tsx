import { type ReactElement, useCallback, useDeferredValue, useEffect, useState } from "react";
import { useLoad } from "../action";
import type { Http } from "../api/http";
import type { Audience, Reach } from "../api/types";
import { Problem } from "../parts";
import { reasonsTold } from "./names";

const PAUSE_MS = 300;

interface Props {
  http: Http;
  audience: Audience;
  maxLeads: number;
  /** How many would be written to; null while that is not known. */
  onReach: (messages: number | null) => void;
}

/** Whom a campaign would reach, counted again when the audience changes and typing pauses. */
export function ReachCount({ http, audience, maxLeads, onReach }: Props): ReactElement {
  const [reach, setReach] = useState<Reach | null>(null);
  const wanted = useDeferredValue(JSON.stringify({ audience, max_leads: maxLeads }));
  const { error } = useLoad(
    useCallback(
      async (isWanted: () => boolean) => {
        const found = await http.post<Reach>("/api/campaigns/audience", JSON.parse(wanted));
        if (!isWanted()) return;
        setReach(found);
        onReach(found.messages);
      },
      [http, wanted, onReach],
    ),
    PAUSE_MS,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: of others it is not known yet
  useEffect(() => onReach(null), [wanted, onReach]);
  return (
    <div className="reach" role="status">
      {!reach && !error && <p className="muted">Counting leads…</p>}
      {reach && !error && <Told reach={reach} maxLeads={maxLeads} />}
      <Problem error={error} />
    </div>
  );
}

function Told({ reach: { messages, skipped }, maxLeads }: { reach: Reach; maxLeads: number }): ReactElement {
  const out = reasonsTold(skipped);
  return (
    <>
      <p>
        <b>{messages === 1 ? "1 lead" : `${messages.toLocaleString()} leads`}</b> would be written to
        {messages === maxLeads && " – the newest; more may be like that"}.
        {messages === 0 && " Ask for less, or import leads first."}
      </p>
      {out && <p className="muted">Left out: {out}.</p>}
    </>
  );
}
