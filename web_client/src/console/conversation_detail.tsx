import { type ReactElement, useCallback } from "react";
import type { Api, Conversation, ConversationItem, Turn } from "./api";
import { type Piece, piecesOf, type Reach } from "./heard_text";
import { LatencyChart } from "./latency_chart";
import { usePolling } from "./polling";
import { lasted } from "./times";

const EVERY_MS = 3_000;

const REACHED: Record<Reach, string> = {
  heard: "Heard",
  sent: "Sent, not heard",
  synthesised: "Spoken, not sent",
  generated: "Generated, not spoken",
};

/** One conversation: what was said, and how much of it was heard, and how fast. */
export function ConversationDetail({ api, id }: { api: Api; id: string }): ReactElement {
  const { value, error } = usePolling(
    useCallback(() => api.conversation(id), [api, id]),
    EVERY_MS,
  );
  if (error && !value) return <p className="empty">{error.message}</p>;
  if (!value) return <p className="empty">Looking…</p>;
  const latencies = new Map(value.turns.map((turn) => [turn.item_id, turn]));
  return (
    <article>
      <Heading conversation={value} />
      <LatencyChart turns={value.turns} />
      <Legend />
      <ol className="items">
        {value.items.map((item) => (
          <Item key={item.id} item={item} turn={latencies.get(item.id)} />
        ))}
      </ol>
    </article>
  );
}

function Heading({ conversation }: { conversation: Conversation }): ReactElement {
  const { id, channel, status, created_at, ended_at } = conversation;
  const facts = [status, new Date(created_at).toLocaleString(), ended_at && lasted(created_at, ended_at)];
  return (
    <header>
      <a className="back" href="#/">
        ← All conversations
      </a>
      <h2>
        <span className="channel">{channel}</span> <code>{id}</code>
      </h2>
      <p>{facts.filter(Boolean).join(" · ")}</p>
    </header>
  );
}

function Legend(): ReactElement {
  return (
    <p className="legend">
      {(Object.keys(REACHED) as Reach[]).map((reach) => (
        <span key={reach} className="piece" data-reach={reach}>
          {REACHED[reach]}
        </span>
      ))}
    </p>
  );
}

const SPEAKERS = { assistant: "Agent", user: "Caller", system: "Instructions" };

function Item({ item, turn }: { item: ConversationItem; turn: Turn | undefined }): ReactElement {
  const latency = turn?.response_latency_ms;
  return (
    <li data-role={item.role ?? "tool"}>
      <h3>
        {item.role ? SPEAKERS[item.role] : (item.name ?? "Result")}
        {item.intent && <small>{item.intent.replaceAll("_", " ")}</small>}
        {typeof latency === "number" && <small>{Math.round(latency)} ms</small>}
      </h3>
      {item.role === null && <pre>{item.arguments ?? item.output}</pre>}
      {item.role === "assistant" && <Reply pieces={piecesOf(item)} />}
      {item.role !== null && item.role !== "assistant" && <p>{item.heard_text}</p>}
    </li>
  );
}

function Reply({ pieces }: { pieces: Piece[] }): ReactElement {
  return (
    <p>
      {pieces.map(({ reach, text }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place
        <span key={index} className="piece" data-reach={reach} title={REACHED[reach]}>
          {text} {reach !== "heard" && <span className="sr">({REACHED[reach].toLowerCase()}) </span>}
        </span>
      ))}
    </p>
  );
}
