import type { ListedConversation } from "../api/types";

const DAY_MS = 86_400_000;

/** Conversations of the last day, over by now, whose caller asked for a person; `now` in milliseconds of the epoch. */
export function personWanted(conversations: readonly ListedConversation[], now: number): readonly ListedConversation[] {
  return conversations.filter(
    ({ status, outcomes, created_at }) =>
      status !== "open" && outcomes.includes("handoff") && now - Date.parse(created_at) < DAY_MS,
  );
}
