import { type FormEvent, type ReactElement, useState } from "react";
import type { Question } from "../api/types";
import { usd } from "../costs/usd";
import { Badge, capital, Figure, shown, type Tone, words } from "../parts";
import { milliseconds } from "../times";
import type { RunState } from "./run";

interface Props {
  state: RunState;
  onAnswer: (answer: unknown) => void;
}

/** One run: its steps, what it asks, what came out of it. */
export function RunView({ state, onAnswer }: Props): ReactElement {
  return (
    <div className="run" aria-live="polite">
      <ol className="steps">
        {state.steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step's identity is its place; names come again
          <li key={index} data-state={step.failed ? "failed" : step.done ? "done" : "running"}>
            <b>{capital(step.node)}</b>
            {step.text && <p>{step.text}</p>}
          </li>
        ))}
      </ol>
      {state.questions.map((question) => (
        <Ask key={question.id} question={question} busy={state.running} onAnswer={onAnswer} />
      ))}
      {state.error && (
        <p className="problem" role="alert">
          {state.error.message} <code>{state.error.code}</code>
        </p>
      )}
      {state.reply && <Figures state={state} />}
      {state.output && <Output value={state.output} />}
      {state.threadId && (
        <p className="muted">
          Thread <code>{state.threadId}</code>
        </p>
      )}
    </div>
  );
}

const TONES: Record<string, Tone> = { completed: "ok", interrupted: "degraded", failed: "down" };

function Figures({ state: { reply } }: { state: RunState }): ReactElement | null {
  if (!reply) return null;
  return (
    <dl className="figures">
      <Figure name="Status" value={<Badge tone={TONES[reply.status] ?? "off"}>{capital(reply.status)}</Badge>} />
      <Figure name="Took" value={milliseconds(reply.latency_ms)} />
      <Figure name="Cost" value={usd(reply.cost_usd)} />
      <Figure name="Engine" value={reply.engine} />
    </dl>
  );
}

/** A question of the agent's: its offered times as buttons, anything else in words. */
function Ask({
  question,
  busy,
  onAnswer,
}: {
  question: Question;
  busy: boolean;
  onAnswer: Props["onAnswer"];
}): ReactElement {
  const [answer, setAnswer] = useState("");
  const { text, slots } = read(question.value);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (answer.trim()) onAnswer(answer.trim());
  };
  return (
    <section className="ask" aria-label="The agent asks">
      <p>
        <b>{text}</b>
      </p>
      <p className="buttons">
        {slots.map((slot) => (
          <button key={slot} type="button" disabled={busy} onClick={() => onAnswer({ confirmed: true, start: slot })}>
            {shown(slot)}
          </button>
        ))}
        <button type="button" disabled={busy} onClick={() => onAnswer({ confirmed: false })}>
          No
        </button>
      </p>
      {slots.length > 0 && <small>The times to choose from are by your clock.</small>}
      <form className="row" onSubmit={submit}>
        <input
          aria-label="Your answer"
          placeholder="Or answer in words"
          value={answer}
          onChange={(event) => setAnswer(event.target.value)}
        />
        <button type="submit" className="primary" disabled={busy || !answer.trim()}>
          Answer
        </button>
      </form>
    </section>
  );
}

function read(value: unknown): { text: string; slots: string[] } {
  if (typeof value !== "object" || value === null) return { text: shown(value), slots: [] };
  const { question, slots } = value as { question?: unknown; slots?: unknown };
  return {
    text: typeof question === "string" ? question : shown(value),
    slots: Array.isArray(slots) ? slots.filter((slot): slot is string => typeof slot === "string") : [],
  };
}

/** What an agent found: texts as texts, the rest in its own shape. */
export function Output({ value }: { value: Record<string, unknown> }): ReactElement {
  return (
    <dl className="output">
      {Object.entries(value).map(([name, part]) => (
        <div key={name}>
          <dt>{words(name)}</dt>
          <dd>{isPlain(part) ? shown(part) : <Nested value={part} />}</dd>
        </div>
      ))}
    </dl>
  );
}

const isPlain = (value: unknown): boolean => typeof value !== "object" || value === null;

function Nested({ value }: { value: unknown }): ReactElement {
  if (Array.isArray(value)) {
    if (value.length === 0) return <>–</>;
    return (
      <ul>
        {value.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a list's parts have no identity but their place
          <li key={index}>{isPlain(part) ? shown(part) : <Nested value={part} />}</li>
        ))}
      </ul>
    );
  }
  return <Output value={value as Record<string, unknown>} />;
}
