import { type ReactElement, useCallback } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { DeadLetter, Page } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { ShowMore, useGrowing } from "../growing";
import { Ago } from "../moment";
import { Card, Empty, Loading, Problem, shown, words } from "../parts";
import { usePolling } from "../polling";
import { PLATFORMS } from "./names";

const EVERY_MS = 6_000;
const STEP = 8;

/** Changes that were given up: try again, or let them be. */
export function DeadLettersCard({ http }: { http: Http }): ReactElement {
  const growing = useGrowing(STEP);
  const { limit } = growing;
  const { value, error, again } = usePolling(
    useCallback(() => http.get<Page<DeadLetter>>("/api/sync/dead-letters", { state: "dead", limit }), [http, limit]),
    EVERY_MS,
  );
  return (
    <Card title="Dead letters">
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value?.items.length === 0 && (
        <Empty title="Nothing was given up.">
          <p>
            A change that a CRM refuses again and again ends up here, and can be tried anew once the reason is gone.
          </p>
        </Empty>
      )}
      {value?.items.map((letter) => (
        <Letter key={letter.key} http={http} letter={letter} onSettled={again} />
      ))}
      <ShowMore {...growing} more={Boolean(value?.next_cursor)} />
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
    <section className="letter" aria-label={`Dead letter of ${PLATFORMS[letter.platform]}`}>
      <h3>
        {PLATFORMS[letter.platform]}: {words(letter.reason)}{" "}
        <small>
          {letter.attempts} {letter.attempts === 1 ? "try" : "tries"} · <Ago moment={letter.created_at} />
        </small>
      </h3>
      <details>
        <summary>What was to be done</summary>
        <pre>{shown(letter.payload)}</pre>
      </details>
      <div className="buttons">
        <button type="button" disabled={settle.busy} onClick={() => void settle.run("replay")}>
          Try again
        </button>
        <ConfirmButton
          question="This change is then never made."
          yes="Give it up"
          disabled={settle.busy}
          onConfirm={() => void settle.run("discard")}
        >
          Let it be
        </ConfirmButton>
      </div>
      <Problem error={settle.error} />
    </section>
  );
}
