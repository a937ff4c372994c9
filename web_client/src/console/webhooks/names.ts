import type { DeliveryStatus, DisabledReason, ListedDelivery, Webhook } from "../api/types";
import type { Tone } from "../parts";

const DISABLED: Record<DisabledReason, string> = {
  person: "It was switched off by hand.",
  gone: "It answered 410: it wants to hear nothing any more.",
  failing: "Nothing arrived there for five days.",
  queue_full: "More waits for it than is kept: it takes too long to answer, or does not.",
};

/** How an endpoint does, in a word. */
export function stateOf({ enabled, disabled_reason, failing_since }: Webhook): [Tone, string] {
  if (!enabled) return disabled_reason === "person" ? ["off", "Off"] : ["down", "Disabled"];
  return failing_since ? ["degraded", "Failing"] : ["ok", "On"];
}

const MOST_COUNTED = 1000;

/** How much waits, which is not counted to its end. */
export const waitingTold = ({ waiting }: Webhook): string =>
  `${waiting.toLocaleString()}${waiting >= MOST_COUNTED ? " or more" : ""}`;

/** What is the matter with it, and what to do; null: nothing. */
export function troubleOf(webhook: Webhook): string | null {
  const { enabled, disabled_reason, waiting } = webhook;
  if (enabled || !disabled_reason) return null;
  const kept = waiting > 0 ? ` ${waitingTold(webhook)} deliveries wait, and go out when it is switched on.` : "";
  return `${DISABLED[disabled_reason]} Nothing more is written down for it.${kept}`;
}

const ERRORS: Record<string, string> = {
  timed_out: "No answer within 15 s",
  unreachable: "Nobody answers at this address",
  address_not_allowed: "Its name leads to an address that is not on the public internet",
  tls_failed: "No secure connection: look at its certificate",
  broken_answer: "What came is no HTTP",
  secret_unreadable: "Its secret cannot be read: was ENCRYPTION_KEY replaced?",
};

/** What came of the last attempt. */
export function answerTold({ answer_status, error, tried_at }: ListedDelivery): string {
  if (error) return ERRORS[error] ?? error;
  if (answer_status !== null) return `Answered ${answer_status}`;
  return tried_at ? "Being sent" : "Not sent yet";
}

export const STATUS_NAMES: Record<DeliveryStatus, string> = {
  waiting: "Waiting",
  delivered: "Delivered",
  given_up: "Given up",
};

export const STATUS_TONES: Record<DeliveryStatus, Tone> = { waiting: "degraded", delivered: "ok", given_up: "down" };

/** What it wants to hear of. */
export const eventsTold = (events: readonly string[]): string =>
  events.includes("*") ? "everything" : events.join(", ");
