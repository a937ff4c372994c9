import { type FormEvent, type ReactElement, useEffect, useRef, useState } from "react";
import { Amount } from "../amount";
import { stream } from "../api/events";
import { ApiError } from "../api/http";
import type { PageProps } from "../app";
import { Choice } from "../choice";
import { Field } from "../field";
import { Card } from "../parts";
import { RoundsView } from "../refine/rounds";
import { after, BEGUN, broken, type RefineRun } from "../refine/run";

const ROUNDS = [1, 2, 3, 4, 5];
const MOST_CHARS = 8000;

/** A text made better, round by round, as it happens. */
export function RefinePage({ http }: PageProps): ReactElement {
  const [text, setText] = useState("");
  const [goal, setGoal] = useState("");
  const [rounds, setRounds] = useState("3");
  const [words, setWords] = useState("");
  const [run, setRun] = useState<RefineRun | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const begin = async (): Promise<void> => {
    stop.current?.abort();
    const controller = new AbortController();
    stop.current = controller;
    const { signal } = controller;
    setRun(BEGUN);
    const input = {
      text: text.trim(),
      max_rounds: Number(rounds),
      ...(goal.trim() && { goal: goal.trim() }),
      ...(words && { max_words: Number(words) }),
    };
    const asked = { agent: "refine", input, cancel_on_disconnect: true };
    const end = (code: string, message: string): void => setRun((now) => now && broken(now, code, message));
    try {
      await stream(http, "/api/langgraph/stream", asked, (event) => setRun((now) => now && after(now, event)), signal);
      end("stream_ended", "The line ended early. Try again.");
    } catch (reason) {
      if (signal.aborted) end("stopped", "Stopped.");
      else if (reason instanceof ApiError) end(reason.code, reason.message);
      else end("stream_broken", "The line to the server broke. Try again.");
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void begin();
  };
  return (
    <div className="columns">
      <Card title="Refine a text">
        <form className="form two refine" onSubmit={submit}>
          <Field label="Text" long maxLength={MOST_CHARS} value={text} onChange={setText} />
          <Field
            label="What it is to do, for whom, in which tone"
            long
            maxLength={2000}
            placeholder="Get a reply from the head of sales of a small firm; friendly, no jargon"
            value={goal}
            onChange={setGoal}
          />
          <Choice label="At most so many rounds" value={rounds} onChange={setRounds}>
            {ROUNDS.map((count) => (
              <option key={count} value={count}>
                {count}
              </option>
            ))}
          </Choice>
          <Amount
            label="At most so many words"
            value={words}
            min={5}
            max={2000}
            step={1}
            required={false}
            onChange={setWords}
          />
          <p className="buttons wide">
            <button type="submit" className="primary" disabled={run?.running || !text.trim()}>
              {run?.running ? "Refining…" : "Refine"}
            </button>
            {run?.running && (
              <button type="button" onClick={() => stop.current?.abort()}>
                Stop
              </button>
            )}
            {run?.refined && (
              <button type="button" onClick={() => setText(run.refined?.text ?? text)}>
                Go on from the better text
              </button>
            )}
          </p>
        </form>
      </Card>
      <RoundsView run={run} />
    </div>
  );
}
