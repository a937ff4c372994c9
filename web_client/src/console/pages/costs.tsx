import { type ReactElement, useCallback, useState } from "react";
import { agentName } from "../agents/names";
import type { Http } from "../api/http";
import type { AgentCost, Costs, LeadCost, Page, ProviderCost } from "../api/types";
import type { PageProps } from "../app";
import { utcDay } from "../charts/every_day";
import { daysOf, type Span } from "../charts/span";
import { DayChart } from "../costs/day_chart";
import { costRows } from "../costs/file";
import { usd } from "../costs/usd";
import { csvOf } from "../csv";
import { Card, Empty, Figure, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { Range } from "../range";
import { linkTo } from "../router";
import { saveFile } from "../save_file";
import { type Column, Table } from "../table";
import { milliseconds } from "../times";

const EVERY_MS = 15_000;
const DEAREST = 10;

/** What models and speech cost: by day, provider, agent and lead. */
export function CostsPage({ http }: PageProps): ReactElement {
  const [span, setSpan] = useState<Span>("30");
  const { value, error } = usePolling(
    useCallback(() => http.get<Costs>("/api/reports/costs", { ...daysOf(span, utcDay) }), [http, span]),
    EVERY_MS,
  );
  return (
    <>
      <Card
        title="Costs"
        aside={
          <span className="buttons">
            {value && value.calls > 0 && (
              <button
                type="button"
                onClick={() => saveFile(`costs-${value.first}-${value.last}.csv`, csvOf(costRows(value)))}
              >
                Save as a file
              </button>
            )}
            <Range span={span} onChange={setSpan} utc />
          </span>
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
        <Figure name="Total" value={costOf(costs)} />
        <Figure name="Requests" value={costs.calls.toLocaleString()} />
        <Figure name="Failed" value={costs.failed.toLocaleString()} />
        {costs.unpriced > 0 && <Figure name="Without a known price" value={costs.unpriced.toLocaleString()} />}
      </dl>
      {costs.first !== costs.last && <DayChart costs={costs} />}
    </>
  );
}

function Providers({ costs }: { costs: Costs }): ReactElement {
  return (
    <Card title="By provider">
      <Table
        name="Costs by provider"
        rows={costs.providers}
        keyOf={({ kind, provider, model }) => kind + provider + model}
        columns={PROVIDERS}
      />
    </Card>
  );
}

const costOf = (row: { calls: number; unpriced: number; cost_usd: number }): string =>
  row.unpriced === row.calls ? "not known" : usd(row.cost_usd);

const SPEECH: Record<string, string> = { stt: "speech to text", tts: "voice" };

const PROVIDERS: Column<ProviderCost>[] = [
  {
    head: "Provider",
    cell: (row) => (
      <>
        {row.provider} <small>{SPEECH[row.model] ?? row.model}</small>
      </>
    ),
  },
  { head: "Requests", number: true, cell: (row) => row.calls.toLocaleString() },
  { head: "Used", cell: (row) => <small>{used(row)}</small> },
  { head: "Cost", number: true, cell: costOf },
];

/** In minutes, as it is priced. */
const heard = (seconds: number): string =>
  seconds < 60 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60).toLocaleString()} min`;

function used(row: ProviderCost): string {
  const parts = [];
  if (row.prompt_tokens || row.completion_tokens) {
    parts.push(`${row.prompt_tokens.toLocaleString()} tokens in, ${row.completion_tokens.toLocaleString()} out`);
  }
  if (row.audio_seconds) parts.push(`${heard(row.audio_seconds)} heard`);
  if (row.characters_spoken) parts.push(`${row.characters_spoken.toLocaleString()} characters spoken`);
  if (row.characters_discarded) parts.push(`${row.characters_discarded.toLocaleString()} for nothing`);
  return parts.join(", ");
}

const AGENTS: Column<AgentCost>[] = [
  { head: "Agent", cell: (row) => agentName(row.agent_type) },
  { head: "Runs", number: true, cell: (row) => row.runs.toLocaleString() },
  { head: "Failed", number: true, cell: (row) => row.failed.toLocaleString() },
  {
    head: "On average",
    number: true,
    cell: (row) => (row.mean_latency_ms === null ? "–" : milliseconds(row.mean_latency_ms)),
  },
  { head: "Cost", number: true, cell: (row) => usd(row.cost_usd) },
];

function Agents({ costs }: { costs: Costs }): ReactElement {
  return (
    <Card title="By agent">
      {costs.agents.length === 0 ? (
        <Empty title="No agent ran in these days." />
      ) : (
        <Table name="Costs by agent" rows={costs.agents} keyOf={(row) => row.agent_type} columns={AGENTS} />
      )}
    </Card>
  );
}

const LEADS: Column<LeadCost>[] = [
  {
    head: "Lead",
    cell: (row) => <a href={linkTo("leads", row.lead_id)}>{row.company_name ?? row.contact_name ?? "Unnamed"}</a>,
  },
  { head: "Requests", number: true, cell: (row) => row.calls.toLocaleString() },
  { head: "Cost", number: true, cell: costOf },
];

function DearestLeads({ http }: { http: Http }): ReactElement | null {
  const { value } = usePolling(
    useCallback(() => http.get<Page<LeadCost>>("/api/reports/costs/leads", { limit: DEAREST }), [http]),
    EVERY_MS,
  );
  const dear = value?.items.filter(({ cost_usd, unpriced }) => cost_usd > 0 || unpriced > 0) ?? [];
  if (dear.length === 0) return null;
  return (
    <Card title="Dearest leads, of all time">
      <Table name="Costs by lead" rows={dear} keyOf={(row) => row.lead_id} columns={LEADS} />
    </Card>
  );
}
