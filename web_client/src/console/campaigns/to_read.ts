import type { Campaign } from "../api/types";

/** What was written and waits for a person who approves it, campaign by campaign. */
export function toRead(campaigns: readonly Campaign[]): { id: string; text: string }[] {
  return campaigns
    .filter(({ messages, status }) => messages.drafted > 0 && (status === "ready" || status === "paused"))
    .map(({ id, name, messages: { drafted } }) => ({
      id,
      text: `${drafted.toLocaleString()} ${drafted === 1 ? "message" : "messages"} of “${name}” to approve`,
    }));
}
