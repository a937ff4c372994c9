import { type ReactElement, useCallback, useEffect, useState } from "react";
import type { Http } from "../api/http";
import type { Conversation, ConversationOutcome } from "../api/types";
import { Ago } from "../moment";
import { Badge, capital, Loading, Problem, shown, words } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { lasted } from "../times";
import { ChannelIcon } from "./channel_icon";
import { cameBy, nameOf, OUTCOMES } from "./identity";
import { Items, itemPlace } from "./items";
import { LatencyChart } from "./latency_chart";
import { type Listening, Recording } from "./recording/recording";
import { StageChart } from "./stage_chart";

const LIVE_EVERY_MS = 3_000;
const OVER_EVERY_MS = 60_000;

interface Props {
  http: Http;
  id: string;
  /** The item it is opened at. */
  part: string | null;
}

/** One conversation: what was said, and how much of it was heard, and how fast. */
export function ConversationDetail({ http, id, part }: Props): ReactElement {
  const [over, setOver] = useState(false);
  const [listening, setListening] = useState<Listening | null>(null);
  const { value, error, again } = usePolling(
    useCallback(async () => {
      const found = await http.get<Conversation>(`/api/conversations/${encodeURIComponent(id)}`);
      setOver(found.status !== "open");
      return found;
    }, [http, id]),
    over ? OVER_EVERY_MS : LIVE_EVERY_MS,
  );
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
          <Heading conversation={value} />
          <Outcomes outcomes={value.outcomes} />
          <Recording http={http} conversation={value} onListening={setListening} onDeleted={again} />
          <LatencyChart turns={value.turns} />
          <StageChart turns={value.turns} />
          <Items items={value.items} turns={value.turns} meant={part} listening={listening} />
        </>
      )}
    </article>
  );
}

const STATUSES = { open: "Live", closed: "Ended", dropped: "Line dropped" } as const;
const TONES = { open: "ok", closed: "off", dropped: "degraded" } as const;

function Heading({ conversation }: { conversation: Conversation }): ReactElement {
  const { id, channel, status, created_at, ended_at, lead_id } = conversation;
  const name = nameOf(conversation);
  return (
    <header>
      <h2>
        <ChannelIcon channel={channel} />
        {lead_id ? <a href={linkTo("leads", lead_id)}>{name ?? "Unnamed lead"}</a> : "Unknown caller"}
        <Badge tone={TONES[status]}>{STATUSES[status]}</Badge>
      </h2>
      <p>
        {cameBy(conversation)} · <Ago moment={created_at} />
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
