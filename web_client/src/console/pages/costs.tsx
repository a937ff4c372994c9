import { type ReactElement, useCallback, useState } from "react";
import { agentName } from "../agents/names";
import type { Http } from "../api/http";
import type { Costs, LeadCost, Page } from "../api/types";
import type { PageProps } from "../app";
import { DayChart } from "../costs/day_chart";
import { usd } from "../costs/usd";
import { Card, Empty, Figure, Loading, Problem, Table } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { milliseconds } from "../times";

const EVERY_MS = 15_000;
const DAY_MS = 86_400_000;
const DEAREST = 10;

/** What models and speech cost: by day, provider, agent and lead. */
export function CostsPage({ http }: PageProps): ReactElement {
  const [days, setDays] = useState(30);
  const { value, error } = usePolling(
    useCallback(() => http.get<Costs>("/api/reports/costs", { first: dayBefore(days - 1) }), [http, days]),
    EVERY_MS,
  );
  return (
    <>
      <Card
        title="Costs"
        aside={
          <select aria-label="Range" value={days} onChange={(event) => setDays(Number(event.target.value))}>
            <option value={7}>7 days</option>
            <option value={30}>30 days</option>
            <option value={90}>90 days</option>
          </select>
        }
      >
        <Problem error={error} />
        {!value && !error && <Loading />}
        {value && <Sum costs={value} />}
      </Card>
      {value && value.calls > 0 && (
        <div className="columns">
          <Providers costs={value} />
          <div className="stack">
            <Agents costs={value} />
            <DearestLeads http={http} />
          </div>
        </div>
      )}
    </>
  );
}

const dayBefore = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

function Sum({ costs }: { costs: Costs }): ReactElement {
  if (costs.calls === 0) {
    return (
      <Empty title="Nothing was used in these days.">
        <p>Every request to a model and every second of speech is counted here; the embedded engines cost nothing.</p>
      </Empty>
    );
  }
  return (
    <>
      <dl className="figures">
        <Figure name="Total" value={costs.unpriced === costs.calls ? "not known" : usd(costs.cost_usd)} />
        <Figure name="Requests" value={costs.calls.toLocaleString()} />
        <Figure name="Failed" value={costs.failed.toLocaleString()} />
        {costs.unpriced > 0 && <Figure name="Without a known price" value={costs.unpriced.toLocaleString()} />}
      </dl>
      <DayChart costs={costs} />
    </>
  );
}

function Providers({ costs }: { costs: Costs }): ReactElement {
  return (
    <Card title="By provider">
      <Table name="Costs by provider" heads={["Provider", "Requests", "Used", "Cost"]} numbers={[1, 3]}>
        {costs.providers.map((row) => (
          <tr key={row.kind + row.provider + row.model}>
            <td>
              {row.provider} <small>{row.model}</small>
            </td>
            <td className="number">{row.calls.toLocaleString()}</td>
            <td>
              <small>{used(row)}</small>
            </td>
            <td className="number">{row.unpriced === row.calls ? "not known" : usd(row.cost_usd)}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

function used(row: Costs["providers"][number]): string {
  const parts = [];
  if (row.prompt_tokens || row.completion_tokens) {
    parts.push(`${row.prompt_tokens.toLocaleString()} tokens in, ${row.completion_tokens.toLocaleString()} out`);
  }
  if (row.audio_seconds) parts.push(`${Math.round(row.audio_seconds).toLocaleString()} s heard`);
  if (row.characters_spoken) parts.push(`${row.characters_spoken.toLocaleString()} characters spoken`);
  if (row.characters_discarded) parts.push(`${row.characters_discarded.toLocaleString()} for nothing`);
  return parts.join(", ");
}

function Agents({ costs }: { costs: Costs }): ReactElement {
  return (
    <Card title="By agent">
      {costs.agents.length === 0 ? (
        <Empty title="No agent ran in these days." />
      ) : (
        <Table name="Costs by agent" heads={["Agent", "Runs", "Failed", "On average", "Cost"]} numbers={[1, 2, 3, 4]}>
          {costs.agents.map((row) => (
            <tr key={row.agent_type}>
              <td>{agentName(row.agent_type)}</td>
              <td className="number">{row.runs.toLocaleString()}</td>
              <td className="number">{row.failed.toLocaleString()}</td>
              <td className="number">{row.mean_latency_ms === null ? "–" : milliseconds(row.mean_latency_ms)}</td>
              <td className="number">{usd(row.cost_usd)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}

function DearestLeads({ http }: { http: Http }): ReactElement | null {
  const { value } = usePolling(
    useCallback(() => http.get<Page<LeadCost>>("/api/reports/costs/leads", { limit: DEAREST }), [http]),
    EVERY_MS,
  );
  if (!value || value.items.length === 0) return null;
  return (
    <Card title="Dearest leads, of all time">
      <Table name="Costs by lead" heads={["Lead", "Requests", "Cost"]} numbers={[1, 2]}>
        {value.items.map((row) => (
          <tr key={row.lead_id}>
            <td>
              <a href={linkTo("leads", row.lead_id)}>{row.company_name ?? row.contact_name ?? "Unnamed"}</a>
            </td>
            <td className="number">{row.calls.toLocaleString()}</td>
            <td className="number">{row.unpriced === row.calls ? "not known" : usd(row.cost_usd)}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}
