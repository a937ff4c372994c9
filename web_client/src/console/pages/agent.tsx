import { type ReactElement, useCallback } from "react";
import { agentName } from "../agent/choice";
import { AgentEditor, NEW } from "../agent/editor";
import type { AgentProfile, Page } from "../api/types";
import type { PageProps } from "../app";
import { Empty, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";

const EVERY_MS = 20_000;

/** Who the agent is: its name, what it sells, what it asks, its voice. The address may name another than the default. */
export function AgentPage({ http, id }: PageProps): ReactElement {
  const { value, error, again } = usePolling(
    useCallback(() => http.get<Page<AgentProfile>>("/api/agent-profiles"), [http]),
    EVERY_MS,
  );
  const profiles = value?.items ?? [];
  const profile = profiles.find((one) => (id === null ? one.is_default : one.slug === id)) ?? null;
  const saved = (one: AgentProfile): void => {
    again();
    if (id === NEW) location.hash = linkTo("profile", one.slug);
  };
  const deleted = (): void => {
    again();
    location.hash = linkTo("profile");
  };
  return (
    <>
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value && <Agents profiles={profiles} current={id === NEW ? NEW : (profile?.slug ?? "")} />}
      {value && id !== NEW && !profile && <Empty title="There is no such agent." />}
      {value && (profile || id === NEW) && (
        <AgentEditor key={profile?.slug ?? NEW} http={http} profile={profile} onSaved={saved} onDeleted={deleted} />
      )}
    </>
  );
}

/** The agents there are, and the way to another. */
function Agents({ profiles, current }: { profiles: readonly AgentProfile[]; current: string }): ReactElement {
  return (
    <nav className="agents-nav" aria-label="Agents there are">
      {(profiles.length > 1 || current === NEW) &&
        profiles.map((one) => (
          <a
            key={one.slug}
            className="button"
            href={one.is_default ? linkTo("profile") : linkTo("profile", one.slug)}
            aria-current={one.slug === current ? "page" : undefined}
          >
            {agentName(one)}
            {one.name && one.is_default && <small> default</small>}
          </a>
        ))}
      <a className="button" href={linkTo("profile", NEW)} aria-current={current === NEW ? "page" : undefined}>
        {profiles.length > 1 ? "Another one" : "Another agent, for another number or page"}
      </a>
    </nav>
  );
}
