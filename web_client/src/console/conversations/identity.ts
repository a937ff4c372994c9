import type { Channel, ListedConversation, OutcomeKind } from "../api/types";
import type { Tone } from "../parts";

/** Talks where no other is asked for. */
export const DEFAULT_AGENT = "default";

export const CHANNELS: Record<Channel, string> = {
  phone: "Phone",
  widget: "Widget",
  webrtc: "Browser voice",
  websocket: "WebSocket",
  terminal: "Terminal",
  api: "API",
};

export const OUTCOMES: Record<OutcomeKind, string> = {
  opt_out: "Asked not to be called",
  meeting: "Meeting booked",
  handoff: "Handed to a person",
  lead_update: "Facts learnt",
};

/** Which outcome says most of how it ended, the most telling first. */
const TELLING: [OutcomeKind, string, Tone][] = [
  ["opt_out", "Do not call", "down"],
  ["meeting", "Meeting", "ok"],
  ["handoff", "Handed over", "degraded"],
  ["lead_update", "Facts learnt", "off"],
];

/** Who is known of a conversation's caller: a lead's name and company, together or one of them. */
export function nameOf(lead: { contact_name: string | null; company_name: string | null }): string | null {
  return [lead.contact_name, lead.company_name].filter(Boolean).join(", ") || null;
}

/** How it came in: the channel, of a telephone call with the caller's number. */
export function cameBy({
  channel,
  metadata,
}: {
  channel: Channel;
  metadata: Readonly<Record<string, unknown>>;
}): string {
  const number = metadata.direction === "outbound" ? metadata.calls_to : metadata.calls_from;
  return typeof number === "string" && number.startsWith("+") ? `${CHANNELS[channel]} ${number}` : CHANNELS[channel];
}

/** What tells a conversation from the next: its lead, else how the caller began (`said`). */
export function callerOf(conversation: ListedConversation): { text: string; said: boolean } {
  const name = nameOf(conversation);
  if (name !== null) return { text: name, said: false };
  if (conversation.first_words) return { text: `“${conversation.first_words}”`, said: true };
  return { text: conversation.status === "open" ? "Has not spoken yet" : "Did not speak", said: true };
}

/** How it ended, or that it goes on; null: nothing to tell. */
export function endingOf({ status, outcomes }: ListedConversation): { text: string; tone: Tone } | null {
  if (status === "open") return { text: "Live", tone: "ok" };
  const [, text, tone] = TELLING.find(([kind]) => outcomes.includes(kind)) ?? [];
  if (text !== undefined && tone !== undefined) return { text, tone };
  if (status === "failed") return { text: "Broke off", tone: "down" };
  return status === "dropped" ? { text: "Line dropped", tone: "degraded" } : null;
}
