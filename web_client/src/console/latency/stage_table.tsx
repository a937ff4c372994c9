import type { ReactElement } from "react";
import type { StageLatency } from "../api/types";
import { Card, Empty } from "../parts";
import { type Column, Table } from "../table";
import { milliseconds } from "../times";

const STAGES: Record<StageLatency["stage"], { name: string; from: string }> = {
  reply: { name: "Whole reply", from: "From the end of the caller's words" },
  end_of_turn: { name: "Turn over", from: "From the end of the caller's words" },
  transcript: { name: "Words settled", from: "From the end of the caller's words" },
  first_token: { name: "Model's first token", from: "From the request to the model" },
  first_audio: { name: "Voice's first audio", from: "From the model's first token" },
};

const COLUMNS: Column<StageLatency>[] = [
  {
    head: "Stage",
    cell: ({ stage, provider }) => (
      <span title={STAGES[stage].from}>
        {STAGES[stage].name} {provider && <small>{provider}</small>}
      </span>
    ),
  },
  { head: "Replies", number: true, cell: ({ replies }) => replies.toLocaleString() },
  { head: "Median", number: true, cell: ({ p50_ms }) => milliseconds(p50_ms) },
  { head: "p95", number: true, cell: ({ p95_ms }) => milliseconds(p95_ms) },
];

/** How long each stage of a reply took, with each provider that did it. Stages overlap: they are no sum. */
export function StageTable({ stages }: { stages: readonly StageLatency[] }): ReactElement {
  const order = Object.keys(STAGES);
  const rows = stages.toSorted((a, b) => order.indexOf(a.stage) - order.indexOf(b.stage));
  return (
    <Card title="Where the time goes">
      {rows.length === 0 ? (
        <Empty title="No stage was timed." />
      ) : (
        <Table name="Stages" rows={rows} keyOf={({ stage, provider }) => `${stage}/${provider}`} columns={COLUMNS} />
      )}
    </Card>
  );
}
