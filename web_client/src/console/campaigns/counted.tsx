import { type ReactElement, type ReactNode, useCallback, useDeferredValue, useEffect, useState } from "react";
import { useLoad } from "../action";
import type { Http } from "../api/http";
import { Problem } from "../parts";

const PAUSE_MS = 300;

interface Props<Found> {
  http: Http;
  /** Where they are counted. */
  path: string;
  /** As the API takes it. */
  asked: object;
  /** How many of those that were found count. To be stable. */
  countOf: (found: Found) => number;
  /** Hears how many; null while that is not known. To be stable. */
  onCount: (count: number | null) => void;
  children: (found: Found) => ReactNode;
}

/** Whom something would reach, counted again when what is asked for changes and typing pauses. */
export function Counted<Found>({ http, path, asked, countOf, onCount, children }: Props<Found>): ReactElement {
  const [found, setFound] = useState<Found | null>(null);
  const wanted = useDeferredValue(JSON.stringify(asked));
  const { error } = useLoad(
    useCallback(
      async (isWanted: () => boolean) => {
        const counted = await http.post<Found>(path, JSON.parse(wanted));
        if (!isWanted()) return;
        setFound(counted);
        onCount(countOf(counted));
      },
      [http, path, wanted, countOf, onCount],
    ),
    PAUSE_MS,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: of others it is not known yet
  useEffect(() => onCount(null), [wanted, onCount]);
  return (
    <div className="reach" role="status">
      {!found && !error && <p className="muted">Counting leads…</p>}
      {found && !error && children(found)}
      <Problem error={error} />
    </div>
  );
}
