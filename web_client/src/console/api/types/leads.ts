export const LEAD_STATUSES = [
  "pending",
  "contacted",
  "qualified",
  "unqualified",
  "meeting_booked",
  "not_interested",
  "customer",
  "lost",
] as const;

export interface LeadRecord {
  id: string;
  company_name: string | null;
  company_website: string | null;
  company_size: string | null;
  industry: string | null;
  contact_name: string | null;
  contact_email: string | null;
  contact_title: string | null;
  contact_phone: string | null;
  /** Beside the first ones. */
  further_emails: readonly string[];
  further_phones: readonly string[];
  /** Numbers that callers gave for it, and nobody has accepted; one may be the first. */
  claimed_phones: readonly string[];
  linkedin_url: string | null;
  notes: string | null;
  time_zone: string | null;
  qualification_score: number | null;
  qualification_tier: string | null;
  qualification_reasoning: string | null;
  status: (typeof LEAD_STATUSES)[number];
  need: string | null;
  team_size: number | null;
  budget: string | null;
  authority: string | null;
  timing: string | null;
  source: string | null;
  conversation_id: string | null;
  opted_out_at: string | null;
  /** To the questions of an agent, by their keys. */
  answers: Readonly<Record<string, string>>;
  answer_notes: Readonly<Record<string, AnswerNote>>;
  created_at: string;
  updated_at: string;
}

export interface AnswerNote {
  at: string;
  /** What was asked, in its words then; null: not known. */
  question: string | null;
  /** The key a person wrote it with; null: it was told the agent. */
  key_id: string | null;
  key_name: string | null;
}

export interface ImportProgress {
  bytes: number;
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  failed: number;
}

export interface ImportReport extends ImportProgress {
  dry_run: boolean;
  encoding: string;
  /** Words that show whether the encoding was guessed right; none: it is certain. */
  encoding_examples: string[];
  columns: Record<string, string>;
  custom_columns: string[];
}

/** A row that was not taken; `line` counts from 1. */
export interface RowError {
  line: number;
  code: string;
  message: string;
  column: string | null;
}
