import type { Campaign, MessageCounts } from "../api/types";
import { type Tone, words } from "../parts";

export const STATUS_NAMES: Record<Campaign["status"], string> = {
  draft: "Planned",
  generating: "Being written",
  paused: "Paused",
  ready: "All written",
  cancelled: "Cancelled",
};

export const STATUS_TONES: Record<Campaign["status"], Tone> = {
  draft: "off",
  generating: "ok",
  paused: "degraded",
  ready: "ok",
  cancelled: "down",
};

/** Messages by what became of them, in the order in which that happens. */
export const KINDS: readonly (keyof MessageCounts)[] = [
  "sent",
  "entered",
  "queued",
  "approved",
  "drafted",
  "rejected",
  "failed",
  "waiting",
  "skipped",
];

export const KIND_NAMES: Record<keyof MessageCounts, string> = {
  sent: "Sent",
  entered: "Drafts in the CRM",
  queued: "On their way",
  approved: "Approved",
  drafted: "To read",
  rejected: "Rejected",
  failed: "Failed",
  waiting: "Not written yet",
  skipped: "Left out",
};

const REASONS: Record<string, string> = {
  opted_out: "opted out",
  no_consent: "without consent",
  no_email: "without an e-mail address",
  not_interested: "not interested",
  replied: "replied",
  booked: "booked a meeting",
  unsubscribed: "unsubscribed",
  unsubscribed_there: "unsubscribed at the CRM",
  suppressed: "unsubscribed or bounced before",
  bounced: "whose address bounced",
  campaign_stopped: "when it was stopped",
  not_sent: "that could not be sent",
  sender_refused: "whose sender is refused",
  in_touch: "they answered another campaign lately, or have a meeting coming",
  discarded: "whose draft was deleted",
};

/** Why leads are left out, or messages have failed. */
export const reasonName = (reason: string): string => REASONS[reason] ?? words(reason);

/** `3 opted out · 1 without an e-mail address`; empty without any. */
export const reasonsTold = (reasons: Readonly<Record<string, number>>): string =>
  Object.entries(reasons)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${count.toLocaleString()} ${reasonName(reason)}`)
    .join(" · ");

/** What a paused campaign waits for. */
export const PAUSES: Record<NonNullable<Campaign["reason"]>, string> = {
  preview: "The first messages are written. Read them below, then write all.",
  budget: "The budget was spent. With a larger one it can go on.",
  person: "Paused by a person.",
};

const AUDIENCE_NAMES: Record<string, string> = {
  status: "status",
  tier: "tier",
  industry: "industry",
  min_score: "score from",
  max_score: "score up to",
  search: "search",
  created_from: "added from",
  created_to: "added until",
};

/** Whom it is for, in one line. */
export function audienceTold(audience: Campaign["audience"]): string {
  const given = Object.entries(audience).filter(([, value]) => value !== null && value !== undefined && value !== "");
  if (given.length === 0) return "every lead";
  return given.map(([name, value]) => `${AUDIENCE_NAMES[name] ?? words(name)} ${words(String(value))}`).join(", ");
}
