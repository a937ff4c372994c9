import { type ReactElement, useCallback, useEffect, useState } from "react";
import { useAction } from "../action";
import { after, type RunState, start } from "../agents/run";
import { listen } from "../api/events";
import type { Http } from "../api/http";
import type { Research } from "../api/types";
import { Badge, Card, capital, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { TONES } from "./names";
import { Report } from "./report";

const SOON_MS = 1_500;
const SELDOM_MS = 60_000;

/** One research: its steps while it goes on, then its report. */
export function ResearchDetail({ http, id }: { http: Http; id: string }): ReactElement {
  const place = `/api/research/${encodeURIComponent(id)}`;
  const [isRunning, setRunning] = useState(true);
  const { value, error, again } = usePolling(
    useCallback(async () => {
      const found = await http.get<Research>(place);
      setRunning(found.status === "running");
      return found;
    }, [http, place]),
    isRunning ? SOON_MS : SELDOM_MS,
  );
  const run = useEvents(http, place);
  const cancel = useAction(async () => {
    try {
      await http.post(`${place}/cancel`);
    } finally {
      again();
    }
  });
  return (
    <>
      <p>
        <a href={linkTo("research")}>← All research</a>
      </p>
      <Card
        title={value?.question ?? "Research"}
        aside={
          value && (
            <span className="buttons">
              <Badge tone={TONES[value.status]}>{capital(value.status)}</Badge>
              {value.status === "running" && (
                <button type="button" disabled={cancel.busy} onClick={() => void cancel.run()}>
                  Cancel
                </button>
              )}
            </span>
          )
        }
      >
        <Problem error={error ?? cancel.error} />
        {!value && !error && <Loading />}
        {value && !value.report && run && run.steps.length > 0 && (
          <ol className="steps" aria-live="polite">
            {run.steps.map((step, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a step's identity is its place; names come again
              <li key={index} data-state={step.failed ? "failed" : step.done ? "done" : "running"}>
                <b>{capital(step.node)}</b>
                {step.text && <p>{step.text}</p>}
              </li>
            ))}
          </ol>
        )}
        {value?.error && (
          <p className="problem">
            {value.error.message} <code>{value.error.code}</code>
          </p>
        )}
        {value?.report && <Report report={value.report} />}
      </Card>
    </>
  );
}

/** What is told of it as it goes on; nothing where the events are over: the report says the rest. */
function useEvents(http: Http, place: string): RunState | null {
  const [run, setRun] = useState<RunState | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    setRun(start("research", null));
    listen(
      http,
      `${place}/events`,
      // Words as a model writes them are no report yet.
      (event) => event.kind !== "token" && setRun((state) => state && after(state, event)),
      stop.signal,
    ).catch(() => {});
    return () => stop.abort();
  }, [http, place]);
  return run;
}
