import { type ReactElement, useCallback } from "react";
import type { Http } from "../api/http";
import type { ConflictRow, Page } from "../api/types";
import { ShowMore, useGrowing } from "../growing";
import { Card, Empty, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { Conflict } from "./conflict";

const EVERY_MS = 6_000;
const STEP = 20;

/** Contradictions, both values side by side; one press decides. */
export function ConflictsCard({ http }: { http: Http }): ReactElement {
  const growing = useGrowing(STEP);
  const { limit } = growing;
  const { value, error, again } = usePolling(
    useCallback(() => http.get<Page<ConflictRow>>("/api/sync/conflicts", { state: "open", limit }), [http, limit]),
    EVERY_MS,
  );
  return (
    <Card title="Conflicts">
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value?.items.length === 0 && (
        <Empty title="Both sides agree.">
          <p>When an e-mail address or a name is changed here and in the CRM at once, you decide here.</p>
        </Empty>
      )}
      {value?.items.map((conflict) => (
        <Conflict key={conflict.id} http={http} conflict={conflict} onDecided={again} />
      ))}
      <ShowMore {...growing} more={Boolean(value?.next_cursor)} />
    </Card>
  );
}
