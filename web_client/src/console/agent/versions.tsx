import { type ReactElement, useCallback, useState } from "react";
import { useAction, useLoad } from "../action";
import type { Http } from "../api/http";
import type { AgentFacts, AgentProfile, AgentProfileVersion, AgentProfileVersions } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { Ago } from "../moment";
import { Card, Problem } from "../parts";
import { changed, FIELDS } from "./facts";

interface Props {
  http: Http;
  profile: AgentProfile;
  onRestored: (profile: AgentProfile) => void;
}

/** What was saved, by whom, and what changed; any of it can be had again. */
export function Versions({ http, profile: { slug, version }, onRestored }: Props): ReactElement | null {
  const [versions, setVersions] = useState<readonly AgentProfileVersion[]>([]);
  const place = `/api/agent-profiles/${encodeURIComponent(slug)}/versions`;
  const load = useLoad(
    useCallback(async () => {
      // A version more is another list.
      if (version > 0) setVersions((await http.get<AgentProfileVersions>(place)).items);
    }, [http, place, version]),
  );
  const restore = useAction(async (number: number) => {
    onRestored(await http.post<AgentProfile>(`${place}/${number}/restore`, {}));
  });
  if (versions.length === 0 && !load.error) return null;
  return (
    <Card title="Versions">
      <Problem error={load.error ?? restore.error} />
      <ol className="agent-versions">
        {versions.map((one, at) => (
          <li key={one.version}>
            <p>
              <b>{one.version === version ? "Now" : `Version ${one.version}`}</b>{" "}
              <small>
                <Ago moment={one.saved_at} />
                {one.saved_by && ` · ${one.saved_by}`}
                {` · ${told(one.facts, versions[at + 1]?.facts)}`}
              </small>
            </p>
            {one.version !== version && (
              <ConfirmButton
                question={`Have it as in version ${one.version}?`}
                yes="Restore"
                disabled={restore.busy}
                onConfirm={() => void restore.run(one.version)}
              >
                Restore
              </ConfirmButton>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}

function told(facts: AgentFacts, before: AgentFacts | undefined): string {
  if (!before) return "written";
  const names = changed(facts, before).map((name) => FIELDS[name]);
  return names.length ? names.join(", ") : "nothing changed";
}
