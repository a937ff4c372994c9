export type Platform = "close" | "apollo" | "linkedin";

export interface PlatformStatus {
  platform: Platform;
  connected: boolean;
  status: "queued" | "running" | "completed" | "partial" | "failed" | "interrupted" | "never";
  last_sync_at: string | null;
  contacts_processed: number;
  contacts_created: number;
  contacts_updated: number;
  contacts_failed: number;
  duration_seconds: number | null;
  errors: { code: string; count: number }[];
  running: { id: string; phase: string; contacts_processed: number; total: number | null } | null;
  waiting_in: number;
  waiting_out: number;
  overdue_seconds: number;
  open_conflicts: number;
  dead_letters: number;
  circuit: "open" | "closed";
}

export interface SyncRun {
  id: string;
  platform: Platform;
  operation: string;
  trigger: string;
  status: PlatformStatus["status"];
  contacts_processed: number;
  contacts_created: number;
  contacts_updated: number;
  contacts_failed: number;
  created_at: string;
  duration_seconds: number | null;
}

export type ConflictKind = "both_changed" | "cleared" | "deleted" | "refused";

export interface ConflictRow {
  id: string;
  platform: Platform;
  contact_id: string;
  field: string;
  kind: ConflictKind;
  local_value: unknown;
  remote_value: unknown;
  local_at: string | null;
  remote_at: string | null;
  winner: "local" | "remote";
  state: "open" | "resolved";
  created_at: string;
}

/** Open conflicts that are alike, and in how many of them one side has no contact any more. */
export interface ConflictGroup {
  platform: Platform;
  kind: ConflictKind;
  field: string;
  open: number;
  newest_at: string;
  deleted_here: number;
  deleted_there: number;
}

export interface Decided {
  resolved: number;
  left: number;
}

/** `external_id` is null until the contact is at the CRM. */
export interface Contact {
  id: string;
  crm_platform: Platform;
  external_id: string | null;
  lead_id: string | null;
  email: string | null;
  /** All that are known, the first of which is `email`. */
  emails: { email: string; type: string | null }[];
  first_name: string | null;
  last_name: string | null;
  company: string | null;
  title: string | null;
  phone: string | null;
  phones: { phone: string; type: string | null }[];
  linkedin_url: string | null;
  enrichment_data: Record<string, unknown>;
  last_synced_at: string | null;
  created_at: string;
  deleted_at: string | null;
}

export interface DeadLetter {
  key: string;
  platform: Platform;
  reason: string;
  payload: Record<string, unknown>;
  attempts: number;
  state: "dead" | "replayed" | "discarded";
  created_at: string;
}
