import { type ReactElement, useCallback } from "react";
import type { Http } from "../api/http";
import type { ExecutionRecord, Page } from "../api/types";
import { usd } from "../costs/usd";
import { ShowMore, useGrowing } from "../growing";
import { Ago } from "../moment";
import { Badge, Card, Empty, Loading, Problem, Table, type Tone, words } from "../parts";
import { usePolling } from "../polling";
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
        <Table name="Latest runs" heads={["Agent", "When", "Status", "Took", "Cost"]} numbers={[3, 4]}>
          {value.items.map((run) => (
            <Run key={run.id} run={run} onOpen={onOpen} />
          ))}
        </Table>
      )}
      <ShowMore {...growing} more={Boolean(value?.next_cursor)} />
    </Card>
  );
}

function Run({ run, onOpen }: { run: ExecutionRecord; onOpen: (threadId: string) => void }): ReactElement {
  const { thread_id: thread } = run;
  return (
    <tr>
      <td>
        {thread ? (
          <button type="button" className="plain link" title="Open it" onClick={() => onOpen(thread)}>
            {agentName(run.agent_type)}
          </button>
        ) : (
          agentName(run.agent_type)
        )}
      </td>
      <td>
        <Ago moment={run.started_at} />
      </td>
      <td>
        <Badge tone={TONES[run.status]}>{words(run.status)}</Badge>
        {run.error_code && <small> {words(run.error_code)}</small>}
      </td>
      <td className="number">{run.latency_ms === null ? "–" : milliseconds(run.latency_ms)}</td>
      <td className="number">{usd(run.cost_usd)}</td>
    </tr>
  );
}
