export type CallStatus =
  | "queued"
  | "dialling"
  | "ringing"
  | "in_progress"
  | "unknown"
  | "completed"
  | "voicemail"
  | "busy"
  | "no_answer"
  | "failed"
  | "canceled"
  | "refused";

/** A call the agent made, or was refused; `retry_at`: from when on it would be permitted. */
export interface PhoneCall {
  id: string;
  to: string;
  lead_id: string | null;
  status: CallStatus;
  code: string | null;
  message: string | null;
  retry_at: string | null;
  purpose: string | null;
  conversation_id: string | null;
  created_at: string;
  answered_at: string | null;
  ended_at: string | null;
}

export interface ListedPhoneCall extends PhoneCall {
  company_name: string | null;
  contact_name: string | null;
}

export type CallOutcome = "under_way" | "answered" | "voicemail" | "unanswered" | "failed" | "refused";

/** `hours`: of the day, 0 to 23, those without calls left out. */
export interface CallReport {
  time_zone: string;
  calls: number;
  outcomes: { outcome: CallOutcome; calls: number }[];
  hours: { hour: number; outcome: CallOutcome; calls: number }[];
  codes: { code: string; calls: number }[];
}

export type ConsentKind = "express" | "express_written" | "existing_relationship" | "none";

export interface ConsentRecord {
  number: string;
  kind: ConsentKind;
  source: string;
  given_at: string;
  valid_until: string | null;
  lead_id: string | null;
  recorded_by: string | null;
  updated_at: string;
}

/** With whose it is, as the lead is called now. */
export interface ListedConsent extends ConsentRecord {
  company_name: string | null;
  contact_name: string | null;
}

export interface SuppressedNumber {
  number: string;
  reason: string;
  source: "operator" | "import" | "opt_out";
  lead_id: string | null;
  conversation_id: string | null;
  created_at: string;
}

/** With whose it is, as the lead is called now. */
export interface ListedSuppression extends SuppressedNumber {
  company_name: string | null;
  contact_name: string | null;
}

/** Whether a number is on the do-not-call list, the consent on record, and the kinds that are enough. `unwanted`: it is
 * on the list, or whoever it belongs to wants no calls. */
export interface Suppression {
  number: string;
  suppressed: boolean;
  unwanted: boolean;
  entry: SuppressedNumber | null;
  consent: ConsentRecord | null;
  enough: ConsentKind[];
}

/** `unreadable` counts every line without a number; `errors` names the first hundred. */
export interface DoNotCallImport {
  added: number;
  present: number;
  unreadable: number;
  errors: { line: number; message: string }[];
}
