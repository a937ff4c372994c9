import type { ReactElement } from "react";
import type { ConversationSummary } from "../api/types";
import { capital, Empty } from "../parts";
import { linkTo } from "../router";
import { ago, lasted } from "../times";

interface Props {
  conversations: readonly ConversationSummary[];
  selected: string | null;
  /** Asks for more; null when there are none. */
  onMore: (() => void) | null;
}

/** Recent conversations, newest first. */
export function ConversationList({ conversations, selected, onMore }: Props): ReactElement {
  if (conversations.length === 0) {
    return (
      <Empty title="No conversation here.">
        <p>
          <a href="/talk">Talk to the agent</a>, or from a terminal: <code>sales-agent call --text "Hello"</code>
        </p>
      </Empty>
    );
  }
  return (
    <nav aria-label="List of conversations">
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
    <a href={linkTo("conversations", id)} aria-current={current ? "page" : undefined}>
      <i
        className="light"
        data-state={status === "open" ? "ok" : status === "dropped" ? "degraded" : "off"}
        title={status}
      />
      <span className="channel">{capital(channel)}</span>
      <small>{ago(created_at, Date.now())}</small>
      <b>{status === "open" ? "live" : length}</b>
    </a>
  );
}
