import { type ReactElement, useCallback, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { DeadLetter, Page } from "../api/types";
import { Card, capital, Empty, Problem, shown, words } from "../parts";
import { usePolling } from "../polling";
import { ago } from "../times";

const EVERY_MS = 6_000;
const PAGE = 20;

/** Changes that were given up: try again, or let them be. */
export function DeadLettersCard({ http }: { http: Http }): ReactElement {
  const [settled, setSettled] = useState<readonly string[]>([]);
  const { value, error } = usePolling(
    useCallback(() => http.get<Page<DeadLetter>>("/api/sync/dead-letters", { state: "dead", limit: PAGE }), [http]),
    EVERY_MS,
  );
  const dead = value?.items.filter(({ key }) => !settled.includes(key)) ?? [];
  return (
    <Card title="Dead letters" aside={value?.next_cursor ? <small>The latest {PAGE}; more follow</small> : null}>
      <Problem error={error} />
      {value && dead.length === 0 && (
        <Empty title="Nothing was given up.">
          <p>
            A change that a CRM refuses again and again ends up here, and can be tried anew once the reason is gone.
          </p>
        </Empty>
      )}
      {dead.map((letter) => (
        <Letter key={letter.key} http={http} letter={letter} onSettled={() => setSettled([...settled, letter.key])} />
      ))}
    </Card>
  );
}

function Letter({ http, letter, onSettled }: { http: Http; letter: DeadLetter; onSettled: () => void }): ReactElement {
  const path = `/api/sync/dead-letters/${encodeURIComponent(letter.key)}`;
  const settle = useAction(
    useCallback(
      async (how: "replay" | "discard") => {
        await (how === "replay" ? http.post(`${path}/replay`) : http.send("DELETE", path));
        onSettled();
      },
      [http, path, onSettled],
    ),
  );
  return (
    <section className="letter" aria-label={`Dead letter of ${letter.platform}`}>
      <h3>
        {capital(letter.platform)}: {words(letter.reason)}{" "}
        <small>
          {letter.attempts} tries · {ago(letter.created_at, Date.now())}
        </small>
      </h3>
      <details>
        <summary>What was to be done</summary>
        <pre>{shown(letter.payload)}</pre>
      </details>
      <p className="buttons">
        <button type="button" disabled={settle.busy} onClick={() => void settle.run("replay")}>
          Try again
        </button>
        <button type="button" disabled={settle.busy} onClick={() => void settle.run("discard")}>
          Let it be
        </button>
      </p>
      <Problem error={settle.error} />
    </section>
  );
}
