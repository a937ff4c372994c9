import type { LeadRecord } from "./leads";

/** Leads as their list is narrowed; everything given applies. */
export interface Audience {
  status?: LeadRecord["status"] | null;
  tier?: string | null;
  industry?: string | null;
  min_score?: number | null;
  search?: string | null;
}

/** `skipped`: leads that would be left out, by reason. */
export interface Reach {
  messages: number;
  skipped: Record<string, number>;
}

export interface MessageCounts {
  waiting: number;
  drafted: number;
  approved: number;
  rejected: number;
  skipped: number;
  failed: number;
  queued: number;
  entered: number;
  sent: number;
}

/** `skipped` and `failed`: how many, by reason. */
export interface Campaign {
  id: string;
  name: string;
  goal: string;
  /** The profile that was chosen; null: the default one. */
  agent: string | null;
  /** Who writes; another where that one was deleted. */
  written_by: { agent: string; name: string; company: string };
  audience: Audience;
  status: "draft" | "generating" | "paused" | "ready" | "cancelled";
  reason: "preview" | "budget" | "person" | null;
  budget_usd: number;
  spent_usd: number;
  /** Whether the CRM sends what is approved; else a person does, from a draft there. */
  send: boolean;
  sending: "off" | "on" | "paused" | "stopped";
  /** Why it paused by itself, and what to do about it. */
  held: { code: string; message: string } | null;
  /** Null: as the server has it. */
  per_hour: number | null;
  variants: number;
  follow_up_days: number[];
  messages: MessageCounts;
  /** Drafts that are approved with all others. */
  approvable: number;
  skipped: Record<string, number>;
  failed: Record<string, number>;
  created_at: string;
}

/** What came of a campaign on a UTC day: messages sent, and people. */
export interface DayResults {
  day: string;
  sent: number;
  replied: number;
  unsubscribed: number;
  bounced: number;
  booked: number;
}

/** What came of one of the subjects tried; rates are parts of 1, with the interval they lie in. */
export interface Variant {
  variant: number;
  subject: string | null;
  people: number;
  replied: number;
  booked: number;
  unsubscribed: number;
  reply_rate: number;
  reply_rate_low: number;
  reply_rate_high: number;
}

export interface CampaignFigures {
  days: DayResults[];
  variants: Variant[];
  /** Null: nobody knows, or there was nothing to compare. */
  winner: number | null;
}

export interface CampaignMessage {
  lead_id: string;
  /** 0 is the first message, the others follow it. */
  step: number;
  contact_name: string | null;
  contact_email: string | null;
  company_name: string | null;
  status: keyof MessageCounts;
  reason: string | null;
  subject: string | null;
  body: string | null;
  engine: string | null;
  cost_usd: number;
}
