import { type ReactElement, useCallback, useState } from "react";
import type { Channel, ConversationSummary, Page } from "../api/types";
import type { PageProps } from "../app";
import { ConversationDetail } from "../conversations/detail";
import { ConversationList } from "../conversations/list";
import { Empty, Problem } from "../parts";
import { usePolling } from "../polling";

const EVERY_MS = 4_000;
const STEP = 25;
const MOST = 500;
const CHANNELS: Channel[] = ["phone", "widget", "webrtc", "websocket", "terminal", "api"];

/** Conversations, live and past; the chosen one beside the list. */
export function ConversationsPage({ http, id }: PageProps): ReactElement {
  const [limit, setLimit] = useState(STEP);
  const [status, setStatus] = useState("");
  const [channel, setChannel] = useState("");
  const { value, error } = usePolling(
    useCallback(
      () => http.get<Page<ConversationSummary>>("/api/conversations", { limit, status, channel }),
      [http, limit, status, channel],
    ),
    EVERY_MS,
  );
  const more = value?.next_cursor && limit < MOST ? () => setLimit(limit + STEP) : null;
  return (
    <section className="card split" data-open={id !== null} aria-label="Conversations">
      <div className="side">
        <h2>Conversations</h2>
        <div className="filters">
          <select aria-label="Status" value={status} onChange={(event) => setStatus(event.target.value)}>
            <option value="">Live and past</option>
            <option value="open">Live</option>
            <option value="closed">Ended</option>
            <option value="dropped">Line dropped</option>
          </select>
          <select aria-label="Channel" value={channel} onChange={(event) => setChannel(event.target.value)}>
            <option value="">Every channel</option>
            {CHANNELS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </div>
        <Problem error={error} />
        {value && <ConversationList conversations={value.items} selected={id} onMore={more} />}
      </div>
      <div className="detail">
        {id === null ? (
          <Empty title="Choose a conversation">
            <p>See what was said, how much of it was heard, how fast each reply came, and what it led to.</p>
          </Empty>
        ) : (
          <ConversationDetail key={id} http={http} id={id} />
        )}
      </div>
    </section>
  );
}
