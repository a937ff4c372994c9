import { type ReactElement, useCallback } from "react";
import type { Http } from "../api/http";
import type { Page, SyncRun } from "../api/types";
import { ShowMore, useGrowing } from "../growing";
import { Ago } from "../moment";
import { Badge, Card, Empty, Loading, Problem, Table, type Tone, words } from "../parts";
import { usePolling } from "../polling";
import { PLATFORMS } from "./names";

const EVERY_MS = 6_000;
const STEP = 15;

const TONES: Partial<Record<SyncRun["status"], Tone>> = {
  completed: "ok",
  partial: "degraded",
  interrupted: "degraded",
  failed: "down",
};

/** Past and running syncs, newest first. */
export function HistoryCard({ http }: { http: Http }): ReactElement {
  const growing = useGrowing(STEP);
  const { limit } = growing;
  const { value, error } = usePolling(
    useCallback(() => http.get<Page<SyncRun>>("/api/sync/history", { limit }), [http, limit]),
    EVERY_MS,
  );
  return (
    <Card title="Syncs">
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value?.items.length === 0 && (
        <Empty title="None yet.">
          <p>Connected platforms sync by themselves; “Sync now” begins one at once.</p>
        </Empty>
      )}
      {value && value.items.length > 0 && (
        <Table
          name="Syncs"
          heads={["When", "Platform", "What", "Status", "Seen", "New", "Changed", "Failed", "Took"]}
          numbers={[4, 5, 6, 7, 8]}
        >
          {value.items.map((run) => (
            <tr key={run.id}>
              <td>
                <Ago moment={run.created_at} />
              </td>
              <td>{PLATFORMS[run.platform]}</td>
              <td>
                {words(run.operation)} <small>{words(run.trigger)}</small>
              </td>
              <td>
                <Badge tone={TONES[run.status] ?? "off"}>{words(run.status)}</Badge>
              </td>
              {[run.contacts_processed, run.contacts_created, run.contacts_updated, run.contacts_failed].map(
                (count, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a cell's identity is its column
                  <td key={index} className="number">
                    {count.toLocaleString()}
                  </td>
                ),
              )}
              <td className="number">{run.duration_seconds === null ? "–" : `${run.duration_seconds.toFixed(1)} s`}</td>
            </tr>
          ))}
        </Table>
      )}
      <ShowMore {...growing} more={Boolean(value?.next_cursor)} />
    </Card>
  );
}
