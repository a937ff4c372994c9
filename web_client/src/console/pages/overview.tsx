import { type ReactElement, useCallback } from "react";
import { agentName } from "../agents/names";
import type { Http } from "../api/http";
import type { Campaign, ListedConversation, Page, PlatformStatus, WaitingThread } from "../api/types";
import type { PageProps } from "../app";
import { toRead } from "../campaigns/to_read";
import { cameBy, nameOf } from "../conversations/identity";
import { ConversationList, NoConversations } from "../conversations/list";
import { personWanted } from "../conversations/wanted";
import { HealthPanel } from "../health/panel";
import { Ago } from "../moment";
import { Badge, Card, Empty, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { SetupCard } from "../setup/card";
import { waitingOf } from "../sync/waiting";

const EVERY_MS = 5_000;
const SELDOM_MS = 30_000;
const LATEST = 6;
const CAMPAIGNS = 20;
/** Of those who talked last, who asked for a person. */
const RECENT = 100;

/** Who talks now, what waits for a person, and is the server well. */
export function OverviewPage({ http }: PageProps): ReactElement {
  return (
    <>
      <HealthPanel http={http} />
      {http.hasKey && <SetupCard http={http} />}
      {http.hasKey && (
        <div className="columns">
          <Waiting http={http} />
          <Latest http={http} />
        </div>
      )}
    </>
  );
}

function Latest({ http }: { http: Http }): ReactElement {
  const { value, error } = usePolling(
    useCallback(() => http.get<Page<ListedConversation>>("/api/conversations", { limit: LATEST }), [http]),
    EVERY_MS,
  );
  return (
    <Card title="Latest conversations" aside={<a href={linkTo("conversations")}>All</a>}>
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value?.items.length === 0 && <NoConversations />}
      {value && value.items.length > 0 && <ConversationList conversations={value.items} selected={null} />}
    </Card>
  );
}

/** What only a person can decide. */
function Waiting({ http }: { http: Http }): ReactElement {
  const { value, error } = usePolling(
    useCallback(() => http.get<{ platforms: PlatformStatus[] }>("/api/sync/status"), [http]),
    EVERY_MS,
  );
  const recent = usePolling(
    useCallback(() => http.get<Page<ListedConversation>>("/api/conversations", { limit: RECENT }), [http]),
    SELDOM_MS,
  );
  const campaigns = usePolling(
    useCallback(() => http.get<Page<Campaign>>("/api/campaigns", { limit: CAMPAIGNS }), [http]),
    SELDOM_MS,
  );
  const threads = usePolling(
    useCallback(() => http.get<{ items: WaitingThread[] }>("/api/langgraph/waiting"), [http]),
    SELDOM_MS,
  );
  const asking = threads.value?.items ?? [];
  const written = toRead(campaigns.value?.items ?? []);
  const lines = value?.platforms.flatMap(waitingOf) ?? [];
  const callers = personWanted(recent.value?.items ?? [], Date.now());
  return (
    <Card title="Waiting for you">
      <Problem error={error ?? recent.error ?? campaigns.error ?? threads.error} />
      {!value && !error && <Loading />}
      {value && lines.length + callers.length + written.length + asking.length === 0 && (
        <Empty title="Nothing waits.">
          <p>
            Callers who asked for a person lately, agents that ask something, messages of campaigns to approve,
            conflicts between the CRMs and this server, and changes that could not be synced, show up here.
          </p>
        </Empty>
      )}
      <ul className="waiting">
        {callers.map((conversation) => (
          <li key={conversation.id}>
            <a href={linkTo("conversations", conversation.id)}>
              <Badge tone="degraded">Person</Badge>
              <span>
                {nameOf(conversation) ?? `Somebody (${cameBy(conversation)})`} asked for a person{" "}
                <small>
                  <Ago moment={conversation.created_at} />
                </small>
              </span>
            </a>
          </li>
        ))}
        {asking.map((thread) => (
          <li key={thread.thread_id}>
            <a href={linkTo("agents", "thread", thread.thread_id)}>
              <Badge tone="degraded">Answer</Badge>
              <span>
                {agentName(thread.agent)} asks{nameOf(thread) && ` about ${nameOf(thread)}`}{" "}
                <small>
                  <Ago moment={thread.since} />
                </small>
              </span>
            </a>
          </li>
        ))}
        {written.map(({ id, text }) => (
          <li key={id}>
            <a href={linkTo("campaigns", id)}>
              <Badge tone="degraded">Read</Badge> {text}
            </a>
          </li>
        ))}
        {lines.map(({ text, bad }) => (
          <li key={text}>
            <a href={linkTo("sync")}>
              <Badge tone={bad ? "down" : "degraded"}>{bad ? "Broken" : "Decide"}</Badge> {text}
            </a>
          </li>
        ))}
      </ul>
    </Card>
  );
}
