import { type ReactElement, useCallback, useState } from "react";
import { agentName, useAgents } from "../agent/choice";
import type { ListedConversation, Page } from "../api/types";
import type { PageProps } from "../app";
import { ConversationDetail } from "../conversations/detail";
import { CHANNELS } from "../conversations/identity";
import { ConversationList, NoConversations } from "../conversations/list";
import { ShowMore, useGrowing } from "../growing";
import { Empty, Loading, Problem } from "../parts";
import { usePolling } from "../polling";

const EVERY_MS = 4_000;
const STEP = 25;
const DAY_MS = 86_400_000;

/** Conversations, live and past; the chosen one beside the list. */
export function ConversationsPage({ http, id, part }: PageProps): ReactElement {
  const growing = useGrowing(STEP);
  const { limit } = growing;
  const [status, setStatus] = useState("");
  const [channel, setChannel] = useState("");
  const [day, setDay] = useState("");
  const [agent, setAgent] = useState("");
  const agents = useAgents(http);
  const { value, error } = usePolling(
    useCallback(() => {
      const query = { limit, status, channel, agent, until: endOfDay(day) };
      return http.get<Page<ListedConversation>>("/api/conversations", query);
    }, [http, limit, status, channel, agent, day]),
    EVERY_MS,
  );
  const filtered = Boolean(status || channel || agent || day);
  return (
    <section className="card split" data-open={id !== null} aria-label="Conversations">
      <div className="side">
        <h2>Conversations</h2>
        <search className="filters">
          <select aria-label="Status" value={status} onChange={(event) => setStatus(event.target.value)}>
            <option value="">Live and past</option>
            <option value="open">Live</option>
            <option value="closed">Ended</option>
            <option value="dropped">Line dropped</option>
            <option value="failed">Broke off</option>
          </select>
          <select aria-label="Channel" value={channel} onChange={(event) => setChannel(event.target.value)}>
            <option value="">Every channel</option>
            {Object.entries(CHANNELS).map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
          {agents.length > 1 && (
            <select aria-label="Agent" value={agent} onChange={(event) => setAgent(event.target.value)}>
              <option value="">Every agent</option>
              {agents.map((one) => (
                <option key={one.slug} value={one.slug}>
                  {agentName(one)}
                </option>
              ))}
            </select>
          )}
          <label className="until">
            On or before <input type="date" value={day} onChange={(event) => setDay(event.target.value)} />
          </label>
        </search>
        <Problem error={error} />
        {!value && !error && <Loading />}
        {value?.items.length === 0 && <NoConversations filtered={filtered} />}
        {value && value.items.length > 0 && <ConversationList conversations={value.items} selected={id} />}
        <ShowMore {...growing} more={Boolean(value?.next_cursor)} beyond="Earlier ones are found by the day." />
      </div>
      <div className="detail">
        {id === null ? (
          <Empty title="Choose a conversation">
            <p>See what was said, how much of it was heard, how fast each reply came, and what it led to.</p>
          </Empty>
        ) : (
          <ConversationDetail key={id} http={http} id={id} part={part} />
        )}
      </div>
    </section>
  );
}

/** The end of a day (`2026-01-31`) in the reader's time zone; null without one. */
function endOfDay(day: string): string | null {
  const start = Date.parse(`${day}T00:00`);
  return Number.isNaN(start) ? null : new Date(start + DAY_MS).toISOString();
}
