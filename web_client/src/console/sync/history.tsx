import { type ReactElement, useCallback } from "react";
import type { Http } from "../api/http";
import type { Page, SyncRun } from "../api/types";
import { Badge, Card, capital, Empty, Problem, Table, type Tone, words } from "../parts";
import { usePolling } from "../polling";
import { ago } from "../times";

const EVERY_MS = 6_000;
const PAGE = 15;

const TONES: Partial<Record<SyncRun["status"], Tone>> = {
  completed: "ok",
  partial: "degraded",
  interrupted: "degraded",
  failed: "down",
};

/** Past and running syncs, newest first. */
export function HistoryCard({ http }: { http: Http }): ReactElement {
  const { value, error } = usePolling(
    useCallback(() => http.get<Page<SyncRun>>("/api/sync/history", { limit: PAGE }), [http]),
    EVERY_MS,
  );
  return (
    <Card title="Syncs">
      <Problem error={error} />
      {value && value.items.length === 0 && (
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
              <td>{ago(run.created_at, Date.now())}</td>
              <td>{capital(run.platform)}</td>
              <td>
                {words(run.operation)} <small>{words(run.trigger)}</small>
              </td>
              <td>
                <Badge tone={TONES[run.status] ?? "off"}>{words(run.status)}</Badge>
              </td>
              <td className="number">{run.contacts_processed}</td>
              <td className="number">{run.contacts_created}</td>
              <td className="number">{run.contacts_updated}</td>
              <td className="number">{run.contacts_failed}</td>
              <td className="number">{run.duration_seconds === null ? "–" : `${run.duration_seconds.toFixed(1)} s`}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
