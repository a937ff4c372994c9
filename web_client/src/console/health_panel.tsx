import { type ReactElement, useCallback } from "react";
import type { Api, Health } from "./api";
import { usePolling } from "./polling";

const EVERY_MS = 5_000;

const SENTENCES: Record<Health["status"], string> = {
  ok: "Everything works",
  degraded: "Working, on something less good",
  unavailable: "Takes no conversations",
};

/** How the server is, part by part. */
export function HealthPanel({ api }: { api: Api }): ReactElement {
  const { value, error } = usePolling(
    useCallback(() => api.health(), [api]),
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
      {!error && <Parts components={value?.components ?? {}} />}
    </section>
  );
}

const sentence = ({ status, draining }: Health): string =>
  draining ? "Finishing: no new conversations" : SENTENCES[status];

const load = ({ conversations: { active, limit }, version }: Health): string =>
  `${active} of ${limit} conversations · version ${version}`;

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
