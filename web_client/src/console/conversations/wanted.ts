import type { ListedConversation } from "../api/types";

const DAY_MS = 86_400_000;

/** Conversations of the last day, over by now, whose caller asked for a person; of who is known the latest. Newest first,
 * as they are given; `now` in milliseconds of the epoch. */
export function personWanted(conversations: readonly ListedConversation[], now: number): readonly ListedConversation[] {
  const told = new Set<string>();
  return conversations.filter(({ status, outcomes, created_at, lead_id, id }) => {
    const isWanted = status !== "open" && outcomes.includes("handoff") && now - Date.parse(created_at) < DAY_MS;
    const whose = lead_id ?? id;
    return isWanted && !told.has(whose) && told.add(whose);
  });
}
