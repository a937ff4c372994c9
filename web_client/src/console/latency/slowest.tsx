import type { ReactElement } from "react";
import type { SlowReply } from "../api/types";
import { CHANNELS } from "../conversations/identity";
import { partsTold } from "../conversations/stages";
import { Ago } from "../moment";
import { Card } from "../parts";
import { linkTo } from "../router";
import { type Column, Table } from "../table";
import { milliseconds } from "../times";

const COLUMNS: Column<SlowReply>[] = [
  {
    head: "Conversation",
    cell: (reply) => (
      <a href={linkTo("conversations", reply.conversation_id, reply.turn.item_id)}>
        {reply.contact_name ?? reply.company_name ?? CHANNELS[reply.channel]}
      </a>
    ),
  },
  { head: "When", cell: ({ turn }) => <Ago moment={turn.created_at} /> },
  { head: "Longest part", cell: (reply) => <small>{longestPart(reply)}</small> },
  { head: "After", number: true, cell: ({ turn }) => milliseconds(turn.response_latency_ms ?? 0) },
];

/** The slowest replies; each opens where it was said. */
export function SlowestReplies({ slowest }: { slowest: readonly SlowReply[] }): ReactElement {
  return (
    <Card title="Slowest replies">
      <Table
        name="Slowest replies"
        rows={slowest}
        keyOf={({ conversation_id, turn }) => `${conversation_id}/${turn.item_id}`}
        columns={COLUMNS}
      />
    </Card>
  );
}

/** Which stage took most of the time, and who did it. */
export const longestPart = ({ turn }: SlowReply): string => partsTold(turn)[0] ?? "–";
