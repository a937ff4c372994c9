import { type FormEvent, type ReactElement, useEffect, useRef, useState } from "react";
import type { ConversationState, Entry } from "../../conversation/state";
import { askWhyRefused } from "../../realtime/credentials";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { AgentFacts, AgentPreview } from "../api/types";
import { Card, Problem } from "../parts";
import { asked } from "./facts";
import { TypedTalk } from "./typed_talk";

interface Props {
  http: Http;
  facts: AgentFacts;
}

interface Secret {
  value: string;
}

/** A typed conversation with the agent as it is written now, saved or not. */
export function TryIt({ http, facts }: Props): ReactElement {
  const [talk, setTalk] = useState<TypedTalk | null>(null);
  const [state, setState] = useState<ConversationState | null>(null);
  const [with_, setWith] = useState("");
  const current = JSON.stringify(asked(facts));
  const begin = useAction(async () => {
    talk?.end();
    const draft = asked(facts);
    const told = await http.post<AgentPreview>("/api/agent-profiles/preview", draft);
    const session = {
      type: "realtime",
      instructions: told.instructions,
      output_modalities: ["text"],
      audio: { input: { transcription: { language: draft.language } } },
    };
    const next = new TypedTalk({
      server: location.origin,
      credentials: async () => {
        const { value } = await http.post<Secret>("/v1/realtime/client_secrets", { session });
        return { value, url: "/v1/realtime?channel=websocket" };
      },
      askWhyRefused,
      openSocket: (url, protocols) => new WebSocket(url, protocols),
      onChange: setState,
      newId: () => `msg_${crypto.getRandomValues(new Uint32Array(3)).join("").slice(0, 24)}`,
    });
    setState(next.state);
    setTalk(next);
    setWith(current);
  });
  useEffect(() => () => talk?.end(), [talk]);
  return (
    <Card
      title="Try it"
      aside={
        <button type="button" disabled={begin.busy} onClick={() => void begin.run()}>
          {talk ? "Start again" : "Start"}
        </button>
      }
    >
      <Problem error={begin.error} />
      {!talk && (
        <p className="muted">
          Type with it as it is written here, saved or not. The conversation is a real one: it is kept, and what it
          books is booked.
        </p>
      )}
      {talk && with_ !== current && (
        <p className="muted" role="status">
          You have changed it since. Start again to talk with it as it is now.
        </p>
      )}
      {talk && state && <Talk talk={talk} state={state} />}
    </Card>
  );
}

function Talk({ talk, state }: { talk: TypedTalk; state: ConversationState }): ReactElement {
  const [text, setText] = useState("");
  const end = useRef<HTMLDivElement>(null);
  const { entries, status } = state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said last is to be seen
  useEffect(() => {
    if (end.current) end.current.scrollTop = end.current.scrollHeight;
  }, [entries]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!text.trim()) return;
    talk.say(text.trim());
    setText("");
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by the keyboard too */}
      <div className="agent-talk" ref={end} role="log" aria-label="Conversation" tabIndex={0}>
        {entries.map((entry) => (
          <Line key={entry.id} entry={entry} />
        ))}
        {talk.isBusy && <p className="muted">…</p>}
      </div>
      {status.kind === "failed" && (
        <p className="problem" role="alert">
          {status.failure.message} <code>{status.failure.code}</code>
        </p>
      )}
      <form className="row" onSubmit={submit}>
        <input aria-label="Say something" value={text} onChange={(event) => setText(event.target.value)} />
        <button type="submit" className="primary" disabled={!text.trim() || status.kind !== "ready"}>
          Say it
        </button>
      </form>
    </>
  );
}

function Line({ entry }: { entry: Entry }): ReactElement | null {
  if (entry.kind === "tool") return <p className="muted">{entry.label ?? entry.name.replaceAll("_", " ")}</p>;
  if (entry.kind !== "message" || !entry.text) return null;
  return (
    <p data-role={entry.role}>
      <span className="sr">{entry.role === "user" ? "You: " : "Agent: "}</span>
      {entry.text}
    </p>
  );
}
