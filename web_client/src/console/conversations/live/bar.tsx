import { type FormEvent, type ReactElement, useCallback, useId, useState } from "react";
import { useAction } from "../../action";
import type { Http } from "../../api/http";
import { ConfirmButton } from "../../confirm_button";
import { Problem } from "../../parts";
import { Listen } from "./listen";
import type { Live, Speaker } from "./state";
import { rememberedName, useTakeover } from "./takeover";

const MOST_CHARS = 1000;

interface Props {
  http: Http;
  id: string;
  live: Live;
}

interface Whispered {
  note: string | null;
}

type Way = "whisper" | "say";

/** A person beside the conversation: who has the floor, and what one may do. */
export function LiveBar({ http, id, live }: Props): ReactElement {
  const takeover = useTakeover(http, id, live.operator, live.line === "following");
  const mine = takeover.lease !== null;
  const others = !mine && live.operator !== null;
  const [note, setNote] = useState<string | null>(null);
  const path = `/api/conversations/${encodeURIComponent(id)}`;
  const { lease } = takeover;
  const send = useAction(
    useCallback(
      async (way: Way, text: string, interrupt: boolean, sent: () => void) => {
        const held = lease ? { lease } : {};
        if (way === "say") await http.post(`${path}/say`, { text, interrupt, ...held });
        else setNote((await http.post<Whispered>(`${path}/whisper`, { text })).note);
        sent();
      },
      [http, path, lease],
    ),
  );
  const take = useAction(takeover.take);
  const giveBack = useAction(takeover.giveBack);
  const end = useAction(useCallback(() => http.post(`${path}/end`, lease ? { lease } : {}), [http, path, lease]));
  const over = live.line === "over";
  return (
    <section className="live-bar" aria-label="Live" data-mine={mine} data-speaking={live.speaking}>
      <p className="floor" role="status">
        <span className="voices" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
        <b>{floorOf(live)}</b>
        {live.score && (
          <small>
            Score {live.score.score}, {live.score.tier}
          </small>
        )}
      </p>
      {mine && <p className="hint">You have this conversation: the agent is silent, and what you type is said.</p>}
      {others && <p className="hint">{live.operator} has taken over this conversation.</p>}
      {takeover.lapsed && <p className="problem">You were not heard of for too long: the agent has it again.</p>}
      <Words key={String(mine)} mine={mine} others={others} disabled={over || send.busy} onSend={send.run} />
      {note && <p className="hint">{note}</p>}
      <div className="buttons">
        {live.listening && <Listen http={http} id={id} disabled={over} />}
        {mine ? (
          <button type="button" className="primary" disabled={over || giveBack.busy} onClick={() => giveBack.run()}>
            Give back to the agent
          </button>
        ) : (
          <Take disabled={over || others || take.busy} onTake={take.run} />
        )}
        <ConfirmButton
          question="Say good-bye and hang up?"
          yes="End it"
          disabled={over || others || end.busy}
          onConfirm={end.run}
        >
          End
        </ConfirmButton>
      </div>
      <Problem error={send.error ?? take.error ?? giveBack.error ?? end.error} />
    </section>
  );
}

const FLOOR: Record<Speaker, string> = {
  caller: "The caller is speaking",
  agent: "The agent is speaking",
  operator: "A person is speaking",
  thinking: "The agent is thinking",
  nobody: "Nobody is speaking",
};

function floorOf({ line, speaking, operator }: Live): string {
  if (line === "over") return "It is over";
  if (line === "connecting") return "Connecting…";
  return speaking === "operator" && operator ? `${operator} is speaking` : FLOOR[speaking];
}

interface WordsProps {
  mine: boolean;
  others: boolean;
  disabled: boolean;
  onSend: (way: Way, text: string, interrupt: boolean, sent: () => void) => Promise<void>;
}

/** What is whispered to the agent or said to the caller. Enter sends it. */
function Words({ mine, others, disabled, onSend }: WordsProps): ReactElement {
  const [way, setWay] = useState<Way>(mine ? "say" : "whisper");
  const [text, setText] = useState("");
  const [atOnce, setAtOnce] = useState(false);
  const place = useId();
  const wayNow = others ? "whisper" : way;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim()) void onSend(wayNow, text.trim(), atOnce, () => setText(""));
  };
  return (
    <form className="words" onSubmit={submit}>
      <fieldset className="ways">
        <legend className="sr">To whom</legend>
        <label>
          <input type="radio" name={place} checked={wayNow === "whisper"} onChange={() => setWay("whisper")} />
          Whisper <small>to the agent</small>
        </label>
        <label>
          <input
            type="radio"
            name={place}
            checked={wayNow === "say"}
            disabled={others}
            onChange={() => setWay("say")}
          />
          Say <small>to the caller</small>
        </label>
        {wayNow === "say" && (
          <label>
            <input type="checkbox" checked={atOnce} onChange={(event) => setAtOnce(event.target.checked)} />
            At once
          </label>
        )}
      </fieldset>
      <div className="line">
        <input
          type="text"
          aria-label={wayNow === "say" ? "Words for the caller" : "Words for the agent"}
          placeholder={wayNow === "say" ? "Just these words are said" : "The caller does not hear this"}
          maxLength={MOST_CHARS}
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="primary" disabled={disabled || !text.trim()}>
          {wayNow === "say" ? "Say" : "Whisper"}
        </button>
      </div>
    </form>
  );
}

/** Taking over, under a name. */
function Take({ disabled, onTake }: { disabled: boolean; onTake: (name: string) => Promise<void> }): ReactElement {
  const [name, setName] = useState(rememberedName);
  return (
    <form
      className="take"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) void onTake(name.trim());
      }}
    >
      <input
        type="text"
        aria-label="Your name, as the caller is told"
        placeholder="Your name"
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" disabled={disabled || !name.trim()}>
        Take over
      </button>
    </form>
  );
}
