import { type ReactElement, useCallback, useDeferredValue, useEffect, useState } from "react";
import { useLoad } from "../action";
import type { Http } from "../api/http";
import type { PeopleToCall } from "../api/types";
import { Problem } from "../parts";
import { reasonsTold } from "./names";

const PAUSE_MS = 300;

interface Props {
  http: Http;
  /** As the API takes it. */
  asked: { max_leads: number };
  /** How many would be called; null while that is not known. */
  onCount: (people: number | null) => void;
}

/** Whom a call list would call, counted again when the audience changes and typing pauses. */
export function PeopleCount({ http, asked, onCount }: Props): ReactElement {
  const [found, setFound] = useState<PeopleToCall | null>(null);
  const wanted = useDeferredValue(JSON.stringify(asked));
  const { error } = useLoad(
    useCallback(
      async (isWanted: () => boolean) => {
        const counted = await http.post<PeopleToCall>("/api/call-lists/audience", JSON.parse(wanted));
        if (!isWanted()) return;
        setFound(counted);
        onCount(counted.people);
      },
      [http, wanted, onCount],
    ),
    PAUSE_MS,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: of others it is not known yet
  useEffect(() => onCount(null), [wanted, onCount]);
  return (
    <div className="reach" role="status">
      {!found && !error && <p className="muted">Counting leads…</p>}
      {found && !error && <Told found={found} most={asked.max_leads} />}
      <Problem error={error} />
    </div>
  );
}

function Told({ found: { people, left_out }, most }: { found: PeopleToCall; most: number }): ReactElement {
  const out = reasonsTold(left_out);
  return (
    <>
      <p>
        <b>{people === 1 ? "1 person" : `${people.toLocaleString()} people`}</b> would be called
        {people === most && " – the newest; more may be like that"}.
        {people === 0 && " Record consents, ask for less, or import leads first."}
      </p>
      {out && <p className="muted">Left out: {out}.</p>}
    </>
  );
}
