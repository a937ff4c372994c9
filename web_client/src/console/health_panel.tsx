import { type ReactElement, useCallback } from "react";
import type { Http } from "./api/http";
import type { Health } from "./api/types";
import { usePolling } from "./polling";
import { duration } from "./times";

const EVERY_MS = 5_000;

const SENTENCES: Record<Health["status"], string> = {
  ok: "Everything works",
  degraded: "Working, on something less good",
  unavailable: "Takes no conversations",
};

/** How the server is, part by part. */
export function HealthPanel({ http }: { http: Http }): ReactElement {
  const { value, error } = usePolling(
    // A server that is not ready says so with 503, and with the same body.
    useCallback(() => http.get<Health>("/api/health", undefined, [503]), [http]),
    EVERY_MS,
  );
  const status = error ? "down" : value?.status;
  return (
    <section className="card health" aria-label="Server health">
      <h2>
        <i className="light" data-state={status} aria-hidden="true" />
        {error ? error.message : value ? sentence(value) : "Looking…"}
        {value && !error && <small>{load(value)}</small>}
      </h2>
      {value && !error && <Capacity {...value.conversations} />}
      {!error && <Parts components={value?.components ?? {}} />}
    </section>
  );
}

const sentence = ({ status, draining }: Health): string =>
  draining ? "Finishing: no new conversations" : SENTENCES[status];

const load = ({ conversations: { active, limit }, version, uptime_s }: Health): string =>
  `${active} of ${limit} conversations · up for ${duration(uptime_s)} · version ${version}`;

/** How full the server is. */
function Capacity({ active, limit }: Health["conversations"]): ReactElement {
  return (
    <meter
      className="capacity"
      aria-label={`Conversations: ${active} of ${limit}`}
      min={0}
      max={limit}
      high={0.8 * limit}
      value={active}
    />
  );
}

function Parts({ components }: { components: Health["components"] }): ReactElement {
  return (
    <ul>
      {Object.entries(components).map(([name, { status, detail }]) => (
        <li key={name}>
          <i className="light" data-state={status} aria-hidden="true" />
          <span>{name.replaceAll("_", " ")}</span>
          <small>{detail ?? status}</small>
        </li>
      ))}
    </ul>
  );
}
