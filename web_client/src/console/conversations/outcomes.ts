import type { ConversationOutcome } from "../api/types";
import { capital, shown, words } from "../parts";

const FACTS: Record<string, string> = {
  start: "When",
  duration_minutes: "Minutes",
  email: "E-mail",
  authority: "Who decides",
  timing: "By when",
  team_size: "Team",
  moved_from: "Moved from",
};

const VALUES: Record<string, Record<string, string>> = {
  authority: { self: "they do", shared: "together with others", other: "somebody else" },
};

/** What the agent noted, as a person calls it. */
export const factName = (name: string): string => FACTS[name] ?? capital(name);

export function factShown(name: string, value: unknown): string {
  if (typeof value !== "string") return shown(value);
  return VALUES[name]?.[value] ?? (name === "outcome" ? words(value) : shown(value));
}

/** Without those that only repeat what was noted before, as the agent does at the end of a call. */
export function telling(outcomes: readonly ConversationOutcome[]): ConversationOutcome[] {
  const seen = new Set<string>();
  return outcomes.filter(({ kind, data }) => {
    const said = JSON.stringify([kind, Object.entries(data).sort(([one], [other]) => (one < other ? -1 : 1))]);
    return !seen.has(said) && seen.add(said);
  });
}
