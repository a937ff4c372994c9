import { type ReactElement, useCallback } from "react";
import type { Http } from "../api/http";
import type { ExecutionRecord, Page } from "../api/types";
import { usd } from "../costs/usd";
import { ShowMore, useGrowing } from "../growing";
import { Ago } from "../moment";
import { Badge, Card, capital, Empty, Loading, Problem, type Tone, words } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { type Column, Table } from "../table";
import { milliseconds } from "../times";
import { agentName } from "./names";

const EVERY_MS = 6_000;
const STEP = 10;

const TONES: Record<ExecutionRecord["status"], Tone> = {
  pending: "off",
  running: "off",
  success: "ok",
  failed: "down",
};

/** What the agents did lately, whoever asked them; a run is opened where it stands. */
export function RunsCard({ http, onOpen }: { http: Http; onOpen: (threadId: string) => void }): ReactElement {
  const growing = useGrowing(STEP);
  const { limit } = growing;
  const { value, error } = usePolling(
    useCallback(() => http.get<Page<ExecutionRecord>>("/api/reports/executions", { limit }), [http, limit]),
    EVERY_MS,
  );
  return (
    <Card title="Latest runs">
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value?.items.length === 0 && (
        <Empty title="No agent ran yet.">
          <p>Runs begin here, from a lead, in conversations and over the API.</p>
        </Empty>
      )}
      {value && value.items.length > 0 && (
        <Table name="Latest runs" rows={value.items} keyOf={(run) => run.id} columns={columnsOf(onOpen)} />
      )}
      <ShowMore {...growing} more={Boolean(value?.next_cursor)} />
    </Card>
  );
}

const columnsOf = (onOpen: (threadId: string) => void): Column<ExecutionRecord>[] => [
  {
    head: "Agent",
    cell: ({ agent_type, thread_id }) =>
      thread_id ? (
        <button type="button" className="plain link" title="Open it" onClick={() => onOpen(thread_id)}>
          {agentName(agent_type)}
        </button>
      ) : (
        agentName(agent_type)
      ),
  },
  { head: "About", cell: (run) => <About run={run} /> },
  { head: "When", cell: (run) => <Ago moment={run.started_at} /> },
  {
    head: "Status",
    cell: ({ status, error_code }) => (
      <>
        <Badge tone={TONES[status]}>{capital(status)}</Badge>
        {error_code && <small> {words(error_code)}</small>}
      </>
    ),
  },
  { head: "Took", number: true, cell: (run) => (run.latency_ms === null ? "–" : milliseconds(run.latency_ms)) },
  { head: "Cost", number: true, cell: (run) => usd(run.cost_usd) },
];

/** Whom it was about, else where it was asked. */
function About({ run: { lead_id, conversation_id } }: { run: ExecutionRecord }): ReactElement {
  if (lead_id) return <a href={linkTo("leads", lead_id)}>Lead</a>;
  if (conversation_id) return <a href={linkTo("conversations", conversation_id)}>Conversation</a>;
  return <>–</>;
}
