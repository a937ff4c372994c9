import { type ReactElement, useCallback, useState } from "react";
import { useLoad } from "../action";
import type { Http } from "../api/http";
import type { AgentProfile, Page } from "../api/types";
import { Choice } from "../choice";

/** Those there are; what may be done without them does not wait. */
export function useAgents(http: Http): readonly AgentProfile[] {
  const [agents, setAgents] = useState<readonly AgentProfile[]>([]);
  useLoad(
    useCallback(async () => setAgents((await http.get<Page<AgentProfile>>("/api/agent-profiles")).items), [http]),
  );
  return agents;
}

export const agentName = ({ name, slug, is_default }: AgentProfile): string =>
  name || (is_default ? "Default agent" : slug);

interface Props {
  agents: readonly AgentProfile[];
  label?: string;
  /** The one it was so far, which may be gone. */
  before?: string;
  value: string;
  onChange: (slug: string) => void;
}

/** Which of them it is, where there are several, or the one it was is gone. */
export function AgentChoice({ agents, label = "Who talks", before = "", ...chosen }: Props): ReactElement | null {
  const isGone = before !== "" && agents.length > 0 && !agents.some(({ slug }) => slug === before);
  if (agents.length < 2 && !isGone) return null;
  return (
    <Choice label={label} {...chosen}>
      {agents.map((agent) => (
        <option key={agent.slug} value={agent.is_default ? "" : agent.slug}>
          {agentName(agent)}
        </option>
      ))}
      {isGone && <option value={before}>“{before}”, deleted</option>}
    </Choice>
  );
}
