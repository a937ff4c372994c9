import { type ReactElement, useCallback } from "react";
import type { Http } from "../api/http";
import type { Health } from "../api/types";
import { useLost } from "../connection";
import { usePolling } from "../polling";
import { duration } from "../times";
import { type PartView, partsOf } from "./parts";

const EVERY_MS = 5_000;
/** Characters that no narrow column has room for. */
const LONG = 60;

const SENTENCES: Record<Health["status"], string> = {
  ok: "Everything works",
  degraded: "Working, on something less good",
  unavailable: "Takes no conversations",
};

/** How the server is, part by part, and what to do where something is wrong. */
export function HealthPanel({ http }: { http: Http }): ReactElement {
  const { value, error } = usePolling(
    // A server that is not ready says so with 503, and with the same body.
    useCallback(() => http.get<Health>("/api/health", undefined, [503]), [http]),
    EVERY_MS,
  );
  const isLost = useLost();
  const status = error ? "down" : value?.status;
  return (
    <section className="card health" aria-label="Server health">
      <h2>
        <i className="light" data-state={status} aria-hidden="true" />
        {error ? (isLost ? "Out of reach" : error.message) : value ? sentence(value) : "Looking…"}
      </h2>
      {error && <p className="muted">See that sales-agent serve runs, and its log.</p>}
      {value && !error && (
        <>
          <Load health={value} />
          <Parts health={value} />
        </>
      )}
    </section>
  );
}

const sentence = ({ status, draining }: Health): string =>
  draining ? "Finishing: no new conversations" : SENTENCES[status];

/** How full the server is. */
function Load({ health: { conversations, uptime_s, version } }: { health: Health }): ReactElement {
  const { active, limit } = conversations;
  return (
    <div className="load">
      <meter
        aria-label={`Conversations: ${active} of ${limit}`}
        min={0}
        max={limit}
        high={0.8 * limit}
        value={active}
      />
      <small>
        <b>{active}</b> of {limit} conversations · up for {duration(uptime_s)} · version {version}
      </small>
    </div>
  );
}

/** One by one: at once where one needs somebody, else for who wants to know. */
function Parts({ health: { status, components } }: { health: Health }): ReactElement {
  const parts = (
    <ul>
      {partsOf(components).map((part) => (
        <Part key={part.id} part={part} />
      ))}
    </ul>
  );
  if (status !== "ok") return parts;
  return (
    <details>
      <summary>What it runs on</summary>
      {parts}
    </details>
  );
}

const LIGHTS: Record<PartView["status"], string> = { ok: "works", degraded: "works less well", down: "does not work" };

function Part({ part: { name, status, detail, advice } }: { part: PartView }): ReactElement {
  return (
    <li data-state={status} data-long={detail.length > LONG}>
      <i className="light" data-state={status} role="img" aria-label={LIGHTS[status]} />
      <span>{name}</span>
      <small>{detail}</small>
      {advice && <small className={status === "ok" ? "hint" : "advice"}>{advice}</small>}
    </li>
  );
}
