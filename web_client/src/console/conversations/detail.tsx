import { type ReactElement, useCallback, useEffect, useState } from "react";
import type { Http } from "../api/http";
import type { Conversation, ConversationOutcome } from "../api/types";
import { Ago } from "../moment";
import { Badge, capital, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { lasted } from "../times";
import { Acts } from "./acts";
import { ChannelIcon } from "./channel_icon";
import { cameBy, DEFAULT_AGENT, nameOf, OUTCOMES } from "./identity";
import { Items, itemPlace } from "./items";
import { LatencyChart } from "./latency_chart";
import { LiveBar } from "./live/bar";
import { useLive } from "./live/follow";
import { merged } from "./live/state";
import { factName, factShown, telling } from "./outcomes";
import { type Listening, Recording } from "./recording/recording";
import { StageChart } from "./stage_chart";

/** While it is followed, and afterwards: what is told is asked for when it is told. */
const EVERY_MS = 60_000;
/** What it is followed by is not there: a server of before, or a line that does not come. */
const UNFOLLOWED_EVERY_MS = 5_000;

interface Props {
  http: Http;
  id: string;
  /** The item it is opened at. */
  part: string | null;
}

/** One conversation: what was said, and how much of it was heard, and how fast. */
export function ConversationDetail({ http, id, part }: Props): ReactElement {
  const [status, setStatus] = useState<Conversation["status"] | null>(null);
  const [listening, setListening] = useState<Listening | null>(null);
  const live = useLive(http, id, status === "open");
  const following = live.line === "following";
  const { value, error, again } = usePolling(
    useCallback(async () => {
      const askedAt = performance.now();
      const found = await http.get<Conversation>(`/api/conversations/${encodeURIComponent(id)}`);
      setStatus(found.status);
      return { conversation: found, askedAt };
    }, [http, id]),
    status === "open" && !following ? UNFOLLOWED_EVERY_MS : EVERY_MS,
  );
  const { revision } = live;
  useEffect(() => {
    if (revision > 0) again();
  }, [revision, again]);
  const isHere = value !== null;
  useEffect(() => {
    if (isHere && part) document.getElementById(itemPlace(part))?.scrollIntoView({ block: "center" });
  }, [isHere, part]);
  return (
    <article>
      <a className="back" href={linkTo("conversations")}>
        ← All conversations
      </a>
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value && (
        <>
          <Heading conversation={value.conversation} />
          {value.conversation.status === "open" && <LiveBar http={http} id={id} live={live} />}
          <Outcomes outcomes={value.conversation.outcomes} />
          <Recording http={http} conversation={value.conversation} onListening={setListening} onDeleted={again} />
          <Items
            items={merged(value.conversation.items, live, value.askedAt)}
            turns={value.conversation.turns}
            meant={part}
            listening={listening}
            interim={following ? live.interim : null}
            growing={status === "open"}
          />
          <Figures conversation={value.conversation} />
        </>
      )}
    </article>
  );
}

/** How fast it was, and what people did; below the words, which are what one comes for. */
function Figures({ conversation: { turns, acts, status } }: { conversation: Conversation }): ReactElement {
  return (
    <>
      <LatencyChart turns={turns} />
      <StageChart turns={turns} />
      <Acts acts={acts} open={status === "open"} />
    </>
  );
}

const STATUSES = { open: "Live", closed: "Ended", dropped: "Line dropped", failed: "Broke off" } as const;
const TONES = { open: "ok", closed: "off", dropped: "degraded", failed: "down" } as const;

function Heading({ conversation }: { conversation: Conversation }): ReactElement {
  const { id, channel, status, created_at, ended_at, lead_id, agent } = conversation;
  const name = nameOf(conversation);
  return (
    <header>
      <h2>
        <ChannelIcon channel={channel} />
        {lead_id ? <a href={linkTo("leads", lead_id)}>{name ?? "Unnamed lead"}</a> : "Unknown caller"}
        <Badge tone={TONES[status]} live={status === "open"}>
          {STATUSES[status]}
        </Badge>
      </h2>
      <p>
        {cameBy(conversation)}
        {agent && agent !== DEFAULT_AGENT && ` · with ${agent}`} · <Ago moment={created_at} precise />
        {ended_at && ` · ${lasted(created_at, ended_at)}`}
        <br />
        <code>{id}</code>
      </p>
      {status === "open" && (
        <p>
          <a className="button" href={linkTo("agents", "handover", id)}>
            Hand over
          </a>
        </p>
      )}
    </header>
  );
}

/** What the conversation led to. */
function Outcomes({ outcomes }: { outcomes: readonly ConversationOutcome[] }): ReactElement | null {
  if (outcomes.length === 0) return null;
  return (
    <ul className="outcomes" aria-label="Outcome">
      {telling(outcomes).map(({ kind, data, created_at }) => (
        <li key={kind + created_at} data-kind={kind}>
          <b>{OUTCOMES[kind] ?? capital(kind)}</b>
          <dl>
            {Object.entries(data).map(([name, value]) => (
              <div key={name}>
                <dt>{factName(name)}</dt>
                <dd>{factShown(name, value)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}
