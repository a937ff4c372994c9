export interface HourOfAttempts {
  hour: string;
  delivered: number;
  failed: number;
}

export type DisabledReason = "person" | "gone" | "failing" | "queue_full";

export interface Webhook {
  id: string;
  url: string;
  description: string;
  events: string[];
  include_words: boolean;
  enabled: boolean;
  disabled_reason: DisabledReason | null;
  failing_since: string | null;
  waiting: number;
  hours: HourOfAttempts[];
  old_secret_until: string | null;
  created_at: string;
}

/** `secret` is shown this once. */
export interface MadeWebhook extends Webhook {
  secret: string;
}

/** `secret` is shown this once; until `old_secret_until` the one before signs too. */
export interface NewSecret {
  secret: string;
  old_secret_until: string;
}

export interface WebhookEventKind {
  type: string;
  meaning: string;
  example: Record<string, unknown>;
}

export type DeliveryStatus = "waiting" | "delivered" | "given_up";

export interface ListedDelivery {
  id: string;
  event_id: string;
  type: string;
  occurred_at: string;
  status: DeliveryStatus;
  attempts: number;
  next_at: string | null;
  tried_at: string | null;
  answer_status: number | null;
  answer: string | null;
  error: string | null;
  latency_ms: number | null;
}

/** With `body` as it would be sent now. */
export interface Delivery extends ListedDelivery {
  body: Record<string, unknown>;
}

export interface Redelivered {
  deliveries: number;
}
