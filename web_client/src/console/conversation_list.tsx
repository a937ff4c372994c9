import type { ReactElement } from "react";
import type { ConversationSummary } from "./api";
import { ago, lasted } from "./times";

interface Props {
  conversations: readonly ConversationSummary[];
  selected: string | null;
  /** Asks for more; null when there are none. */
  onMore: (() => void) | null;
}

/** Recent conversations, newest first. */
export function ConversationList({ conversations, selected, onMore }: Props): ReactElement {
  if (conversations.length === 0) return <p className="empty">No conversation yet. Start one on the talk page.</p>;
  return (
    <nav aria-label="Conversations">
      <ul className="conversations">
        {conversations.map((conversation) => (
          <li key={conversation.id}>
            <Row conversation={conversation} current={conversation.id === selected} />
          </li>
        ))}
      </ul>
      {onMore && (
        <button type="button" className="more" onClick={onMore}>
          Show more
        </button>
      )}
    </nav>
  );
}

function Row({ conversation, current }: { conversation: ConversationSummary; current: boolean }): ReactElement {
  const { id, channel, status, created_at, ended_at } = conversation;
  const length = ended_at ? lasted(created_at, ended_at) : null;
  return (
    <a href={`#/conversations/${encodeURIComponent(id)}`} aria-current={current ? "page" : undefined}>
      <i
        className="light"
        data-state={status === "open" ? "ok" : status === "dropped" ? "degraded" : "off"}
        title={status}
      />
      <span className="channel">{channel}</span>
      <small>{ago(created_at, Date.now())}</small>
      <b>{status === "open" ? "live" : length}</b>
    </a>
  );
}
