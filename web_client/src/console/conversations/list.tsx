import type { ReactElement } from "react";
import type { ListedConversation } from "../api/types";
import { Ago } from "../moment";
import { Badge, Empty } from "../parts";
import { linkTo } from "../router";
import { lasted } from "../times";
import { ChannelIcon } from "./channel_icon";
import { callerOf, cameBy, DEFAULT_AGENT, endingOf } from "./identity";

interface Props {
  conversations: readonly ListedConversation[];
  selected: string | null;
}

/** Recent conversations, newest first. */
export function ConversationList({ conversations, selected }: Props): ReactElement {
  return (
    <nav aria-label="List of conversations">
      <ul className="conversations">
        {conversations.map((conversation) => (
          <li key={conversation.id}>
            <Row conversation={conversation} current={conversation.id === selected} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** What to do where there are none. */
export function NoConversations({ filtered = false }: { filtered?: boolean }): ReactElement {
  if (filtered) return <Empty title="No conversation is like that." />;
  return (
    <Empty title="No conversation yet.">
      <p>
        <a href="/talk">Talk to the agent</a>, or from a terminal: <code>sales-agent call --text "Hello"</code>
      </p>
    </Empty>
  );
}

function Row({ conversation, current }: { conversation: ListedConversation; current: boolean }): ReactElement {
  const { id, channel, created_at, ended_at, turns, agent } = conversation;
  const caller = callerOf(conversation);
  const ending = endingOf(conversation);
  const facts = [turns === 1 ? "1 turn" : `${turns} turns`, ended_at && lasted(created_at, ended_at)];
  return (
    <a href={linkTo("conversations", id)} aria-current={current ? "page" : undefined}>
      <ChannelIcon channel={channel} />
      <span className="line">
        <b className={caller.said ? "said" : ""} title={caller.text}>
          {caller.text}
        </b>
        <small>
          <Ago moment={created_at} />
        </small>
      </span>
      <span className="line">
        <small className="facts">
          <span className="channel">{cameBy(conversation)} · </span>
          {agent && agent !== DEFAULT_AGENT && `${agent} · `}
          {facts.filter(Boolean).join(" · ")}
        </small>
        {ending && (
          <Badge tone={ending.tone} live={conversation.status === "open"}>
            {ending.text}
          </Badge>
        )}
      </span>
    </a>
  );
}
