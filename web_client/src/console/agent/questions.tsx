import { type ReactElement, useRef } from "react";
import type { AgentQuestion } from "../api/types";
import { Field } from "../field";
import { keyOf, MOST_QUESTIONS, moved } from "./facts";

interface Props {
  questions: readonly AgentQuestion[];
  onChange: (questions: AgentQuestion[]) => void;
}

/** What it must find out, in order. */
export function Questions({ questions, onChange }: Props): ReactElement {
  const list = useRef<HTMLOListElement>(null);
  const put = (at: number, one: AgentQuestion): void => onChange(questions.with(at, one));
  const move = (from: number, to: number): void => {
    onChange(moved(questions, from, to));
    // The keyboard goes with what was moved.
    requestAnimationFrame(() =>
      list.current?.children[to]?.querySelector<HTMLElement>("button:not(:disabled)")?.focus(),
    );
  };
  return (
    <fieldset className="wide agent-questions">
      <legend>What it finds out</legend>
      <p className="muted">
        Asked in this order once it knows what they need, one at a time, never one that is answered already. The answers
        are kept on the lead.
      </p>
      <ol ref={list}>
        {questions.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the place is all that tells two empty ones apart
          <li key={at}>
            <Field
              label={`Question ${at + 1}`}
              value={one.question}
              maxLength={200}
              placeholder="Which day suits you for delivery?"
              onChange={(question) => put(at, { ...one, question, key: keyAfter(questions, at, question) })}
            />
            <div className="form two">
              <Field
                label={`Choices (${at + 1}), apart by commas`}
                value={one.choices.join(",")}
                placeholder="any words will do"
                onChange={(text) => put(at, { ...one, choices: text ? text.split(",") : [] })}
              />
              <Field
                label={`Kept as (${at + 1})`}
                value={one.key}
                maxLength={40}
                onChange={(key) => put(at, { ...one, key })}
              />
            </div>
            <div className="buttons">
              <button
                type="button"
                disabled={at === 0}
                aria-label={`Ask question ${at + 1} earlier`}
                onClick={() => move(at, at - 1)}
              >
                ↑
              </button>
              <button
                type="button"
                disabled={at === questions.length - 1}
                aria-label={`Ask question ${at + 1} later`}
                onClick={() => move(at, at + 1)}
              >
                ↓
              </button>
              <button
                type="button"
                aria-label={`Remove question ${at + 1}`}
                onClick={() => onChange(questions.toSpliced(at, 1))}
              >
                Remove
              </button>
            </div>
          </li>
        ))}
      </ol>
      <p className="buttons">
        <button
          type="button"
          disabled={questions.length >= MOST_QUESTIONS}
          onClick={() => onChange([...questions, { key: "", question: "", choices: [] }])}
        >
          Add a question
        </button>
      </p>
    </fieldset>
  );
}

/** A key follows the words until somebody gives it a name. */
function keyAfter(questions: readonly AgentQuestion[], at: number, question: string): string {
  const one = questions[at];
  const others = questions.toSpliced(at, 1).map(({ key }) => key);
  const own = !one || one.key === "" || one.key === keyOf(one.question, others);
  return own ? keyOf(question, others) : one.key;
}
