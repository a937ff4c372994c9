import { type ReactElement, useCallback } from "react";
import type { Http } from "../api/http";
import type { Page, SyncRun } from "../api/types";
import { ShowMore, useGrowing } from "../growing";
import { Ago } from "../moment";
import { Badge, Card, capital, Empty, Loading, Problem, type Tone, words } from "../parts";
import { usePolling } from "../polling";
import { type Column, Table } from "../table";
import { duration, milliseconds } from "../times";
import { PLATFORMS } from "./names";

const EVERY_MS = 6_000;
const STEP = 15;

const TONES: Partial<Record<SyncRun["status"], Tone>> = {
  completed: "ok",
  partial: "degraded",
  interrupted: "degraded",
  failed: "down",
};

const OPERATIONS: Record<string, string> = { bidirectional: "Both ways", import: "From the CRM", export: "To the CRM" };

const TRIGGERS: Record<string, string> = {
  schedule: "as planned",
  change: "after a change",
  manual: "asked for",
};

const COLUMNS: Column<SyncRun>[] = [
  { head: "When", cell: (run) => <Ago moment={run.created_at} /> },
  { head: "Platform", cell: (run) => PLATFORMS[run.platform] },
  {
    head: "What",
    minor: true,
    cell: (run) => (
      <>
        {OPERATIONS[run.operation] ?? capital(run.operation)}{" "}
        <small>{TRIGGERS[run.trigger] ?? words(run.trigger)}</small>
      </>
    ),
  },
  { head: "Status", cell: (run) => <Badge tone={TONES[run.status] ?? "off"}>{capital(run.status)}</Badge> },
  { head: "Seen", number: true, cell: (run) => run.contacts_processed.toLocaleString() },
  { head: "New", number: true, cell: (run) => run.contacts_created.toLocaleString() },
  { head: "Changed", number: true, cell: (run) => run.contacts_updated.toLocaleString() },
  { head: "Failed", number: true, cell: (run) => run.contacts_failed.toLocaleString() },
  { head: "Took", number: true, cell: (run) => (run.duration_seconds === null ? "–" : took(run.duration_seconds)) },
];

const took = (seconds: number): string => (seconds < 10 ? milliseconds(seconds * 1000) : duration(seconds));

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
        <Table name="Syncs" rows={value.items} keyOf={(run) => run.id} columns={COLUMNS} />
      )}
      <ShowMore {...growing} more={Boolean(value?.next_cursor)} />
    </Card>
  );
}
