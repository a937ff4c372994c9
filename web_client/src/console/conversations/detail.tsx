import { type ReactElement, useCallback } from "react";
import type { Http } from "../api/http";
import type { Conversation, ConversationItem, ConversationOutcome, ConversationTurn } from "../api/types";
import { capital, shown, words } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { lasted } from "../times";
import { type Piece, piecesOf, type Reach } from "./heard_text";
import { LatencyChart } from "./latency_chart";
import { StageChart } from "./stage_chart";

const EVERY_MS = 3_000;

const REACHED: Record<Reach, string> = {
  heard: "Heard",
  sent: "Sent, not heard",
  synthesised: "Spoken, not sent",
  generated: "Generated, not spoken",
};

/** One conversation: what was said, and how much of it was heard, and how fast. */
export function ConversationDetail({ http, id }: { http: Http; id: string }): ReactElement {
  const { value, error } = usePolling(
    useCallback(() => http.get<Conversation>(`/api/conversations/${encodeURIComponent(id)}`), [http, id]),
    EVERY_MS,
  );
  if (error && !value) return <p className="empty">{error.message}</p>;
  if (!value) return <p className="empty">Looking…</p>;
  const latencies = new Map(value.turns.map((turn) => [turn.item_id, turn]));
  return (
    <article>
      <Heading conversation={value} />
      <Outcomes outcomes={value.outcomes ?? []} />
      <LatencyChart turns={value.turns} />
      <StageChart turns={value.turns} />
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
  const { id, channel, status, created_at, ended_at, lead_id } = conversation;
  const facts = [
    status === "open" ? "live" : status,
    new Date(created_at).toLocaleString(),
    ended_at && lasted(created_at, ended_at),
  ];
  return (
    <header>
      <a className="back" href={linkTo("conversations")}>
        ← All conversations
      </a>
      <h2>
        <span className="channel">{capital(channel)}</span> <code>{id}</code>
      </h2>
      <p>
        {facts.filter(Boolean).join(" · ")}
        {lead_id && (
          <>
            {" · "}
            <a href={linkTo("leads", lead_id)}>the lead</a>
          </>
        )}
      </p>
    </header>
  );
}

const OUTCOMES: Record<ConversationOutcome["kind"], string> = {
  meeting: "Meeting booked",
  lead_update: "Facts learnt",
  handoff: "Handed to a person",
  opt_out: "Asked not to be called",
};

/** What the conversation led to. */
function Outcomes({ outcomes }: { outcomes: readonly ConversationOutcome[] }): ReactElement | null {
  if (outcomes.length === 0) return null;
  return (
    <ul className="outcomes" aria-label="Outcome">
      {outcomes.map(({ kind, data, created_at }) => (
        <li key={kind + created_at} data-kind={kind}>
          <b>{OUTCOMES[kind] ?? capital(kind)}</b>
          <dl>
            {Object.entries(data).map(([name, value]) => (
              <div key={name}>
                <dt>{words(name)}</dt>
                <dd>{shown(value)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
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

function Item({ item, turn }: { item: ConversationItem; turn: ConversationTurn | undefined }): ReactElement {
  const latency = turn?.response_latency_ms;
  return (
    <li data-role={item.role ?? "tool"}>
      <h3>
        {item.role ? SPEAKERS[item.role] : (item.name ?? "Result")}
        {item.intent && <small>{words(item.intent)}</small>}
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
