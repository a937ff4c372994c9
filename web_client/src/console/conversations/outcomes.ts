import type { ConversationOutcome } from "../api/types";

/** Without those that only repeat what was noted before, as the agent does at the end of a call. */
export function telling(outcomes: readonly ConversationOutcome[]): ConversationOutcome[] {
  const seen = new Set<string>();
  return outcomes.filter(({ kind, data }) => {
    const said = JSON.stringify([kind, Object.entries(data).sort(([one], [other]) => (one < other ? -1 : 1))]);
    return !seen.has(said) && seen.add(said);
  });
}
