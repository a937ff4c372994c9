import type { ReactElement } from "react";
import type { StageLatency } from "../api/types";
import { Card, Empty } from "../parts";
import { type Column, Table } from "../table";
import { milliseconds } from "../times";

const STAGES: Record<StageLatency["stage"], string> = {
  reply: "Whole reply",
  end_of_turn: "Turn over",
  transcript: "Words settled",
  first_token: "Model's first token",
  first_audio: "Voice's first audio",
};

const COLUMNS: Column<StageLatency>[] = [
  {
    head: "Stage",
    cell: ({ stage, provider }) => (
      <>
        {STAGES[stage]} {provider && <small>{provider}</small>}
      </>
    ),
  },
  { head: "Replies", number: true, cell: ({ replies }) => replies.toLocaleString() },
  { head: "Median", number: true, cell: ({ p50_ms }) => milliseconds(p50_ms) },
  { head: "95 % within", number: true, cell: ({ p95_ms }) => milliseconds(p95_ms) },
];

/** How long each stage of a reply took, with each provider that did it. */
export function StageTable({ stages }: { stages: readonly StageLatency[] }): ReactElement {
  const order = Object.keys(STAGES);
  const rows = stages.toSorted((a, b) => order.indexOf(a.stage) - order.indexOf(b.stage));
  return (
    <Card title="Where the time goes">
      {rows.length === 0 ? (
        <Empty title="No stage was timed." />
      ) : (
        <>
          <p className="muted explained">
            Counted from the end of the caller's words; of the model from when it was asked, of the voice from the
            model's first token. Stages overlap, so they do not add up.
          </p>
          <Table name="Stages" rows={rows} keyOf={({ stage, provider }) => `${stage}/${provider}`} columns={COLUMNS} />
        </>
      )}
    </Card>
  );
}
