import type { CallOutcome, CallStatus } from "./calls";
import type { Audience } from "./campaigns";

export interface PeopleToCall {
  people: number;
  left_out: Record<string, number>;
}

/** `waiting`: for their first call or another one. */
export interface PeopleCounts {
  waiting: number;
  calling: number;
  done: number;
  left_out: number;
}

export type CallListStatus = "draft" | "running" | "paused" | "stopped" | "finished";

export type EntryResult =
  | "booked"
  | "call_back"
  | "reached"
  | "not_interested"
  | "do_not_call"
  | "voicemail"
  | "no_answer"
  | "not_reached"
  | "refused";

export interface CallList {
  id: string;
  name: string;
  purpose: string;
  /** Whose name it calls in; null: the default one's. */
  agent: string | null;
  /** Null: its leads were named. */
  audience: Audience | null;
  status: CallListStatus;
  /** Of a pause: `person`, `agent_deleted`, or the code with which the carrier refuses every call. */
  reason: string | null;
  hours: string | null;
  per_hour: number | null;
  at_once: number;
  attempts: number;
  retry_after_minutes: number;
  people: PeopleCounts;
  results: Partial<Record<EntryResult, number>>;
  left_out: Record<string, number>;
  /** When the next one who waits is looked at; null: at once. */
  next_at: string | null;
  /** Null: it was not put away. */
  archived_at: string | null;
  created_at: string;
}

export interface EntryCall {
  id: string;
  status: CallStatus;
  code: string | null;
  conversation_id: string | null;
  created_at: string;
  answered_at: string | null;
  ended_at: string | null;
}

export interface CallListEntry {
  id: string;
  lead_id: string | null;
  contact_name: string | null;
  company_name: string | null;
  contact_phone: string | null;
  status: keyof PeopleCounts;
  result: EntryResult | null;
  reason: string | null;
  next_at: string | null;
  calls: EntryCall[];
}

export interface CallListFigures {
  results: { result: EntryResult; reason: string | null; people: number }[];
  calls: number;
  hours: { hour: number; outcome: CallOutcome; calls: number }[];
}
