/** What the server's REST doors take and give, by the names of `/api/openapi.json`; a test of the server compares. */

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

export interface ComponentState {
  status: "ok" | "degraded" | "down";
  detail?: string | null;
}

/** `unavailable`: the server takes no conversations now. */
export interface Health {
  status: "ok" | "degraded" | "unavailable";
  version: string;
  uptime_s: number;
  draining: boolean;
  conversations: { active: number; limit: number };
  components: Record<string, ComponentState>;
}

export interface SetupWay {
  carrier: "twilio" | "telnyx";
  missing: string[];
}

/** `missing`: settings without which it is not done; `ways`: of each carrier, where any will do. `using`: what does the
 * work now. */
export interface SetupStep {
  name:
    | "knowledge"
    | "company"
    | "models"
    | "recognition"
    | "voice"
    | "phone"
    | "calling"
    | "crm"
    | "widget"
    | "invitations";
  done: boolean;
  missing: string[];
  ways: SetupWay[];
  using: string | null;
}

export interface Setup {
  url: string;
  items: SetupStep[];
}

export interface CrmKeyState {
  platform: string;
  source: "stored" | "settings" | "none" | "unreadable";
  account: string | null;
}

export type Channel = "api" | "phone" | "terminal" | "webrtc" | "websocket" | "widget";

export interface ConversationSummary {
  id: string;
  channel: Channel;
  status: "open" | "closed" | "dropped";
  lead_id: string | null;
  created_at: string;
  ended_at: string | null;
  /** Of the lead. */
  company_name: string | null;
  contact_name: string | null;
  /** Of telephone calls the numbers, as the carrier tells them. */
  metadata: Readonly<Record<string, unknown>>;
}

export type OutcomeKind = "handoff" | "lead_update" | "meeting" | "opt_out";

export interface ListedConversation extends ConversationSummary {
  /** How the caller began. */
  first_words: string | null;
  turns: number;
  outcomes: OutcomeKind[];
}

/** A reply has four texts; of the caller's words there is `heard_text` alone. Calls of tools have none. */
export interface ConversationItem {
  id: string;
  type: "message" | "function_call" | "function_call_output";
  role: "system" | "user" | "assistant" | null;
  generated_text: string;
  synthesised_text: string;
  sent_text: string;
  heard_text: string;
  name: string | null;
  arguments: string | null;
  output: string | null;
  intent: string | null;
  created_at: string;
  updated_at: string;
}

/** Times are milliseconds on the session's clock. */
export interface ConversationTurn {
  item_id: string;
  created_at: string;
  response_latency_ms: number | null;
  speech_end_ms?: number | null;
  turn_end_ms?: number | null;
  transcript_ms?: number | null;
  model_start_ms?: number | null;
  first_token_ms?: number | null;
  first_audio_ms?: number | null;
  speculated?: boolean | null;
  interrupted?: boolean | null;
  recognizer?: string | null;
  model?: string | null;
  voice?: string | null;
}

export interface ConversationOutcome {
  kind: OutcomeKind;
  data: Record<string, unknown>;
  created_at: string;
}

export interface Conversation extends ConversationSummary {
  items: ConversationItem[];
  turns: ConversationTurn[];
  outcomes: ConversationOutcome[];
  recordings: ConversationRecording[];
}

/** Of one connection. */
export interface ConversationRecording {
  id: string;
  state: "recording" | "processing" | "ready" | "failed";
  error_code: string | null;
  duration_ms: number | null;
}

export interface AudioLink {
  url: string;
}

/** Where an item is heard, in milliseconds of the recording; of a reply, each word's end there and in its text. */
export interface AudioPassage {
  item_id: string;
  start_ms: number;
  end_ms: number;
  word_ends: [number, number][];
}

/** The loudest sample (0 to 255) of each voice in equal parts of the recording. */
export interface AudioOutline {
  duration_ms: number;
  caller: number[];
  agent: number[];
  passages: AudioPassage[];
}

export type AgentName =
  | "qualification"
  | "enrichment"
  | "growth"
  | "marketing"
  | "bdr"
  | "conversation"
  | "research"
  | "refine";

export interface Question {
  id: string;
  value: unknown;
}

export interface AgentReply {
  thread_id: string;
  agent: AgentName;
  status: "completed" | "interrupted" | "failed";
  output: Record<string, unknown> | null;
  interrupts: Question[];
  engine: string;
  latency_ms: number;
  cost_usd: number;
  steps: Record<string, string>;
  error?: { code: string; message: string };
}

/** What another agent was handed over, and what it answered. */
export interface Transferred {
  from_agent: string;
  lead_id: string | null;
  reply: AgentReply;
}

export interface TextProblem {
  code: string;
  message: string;
}

/** `problems`: of the text before it. `dropped`: it made the text no better. */
export interface RefineRound {
  number: number;
  score_before: number;
  problems: TextProblem[];
  changes: string[];
  engine: string;
  text: string;
  dropped: boolean;
}

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
  first_name: string | null;
  last_name: string | null;
  company: string | null;
  title: string | null;
  phone: string | null;
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

export interface ThreadState {
  thread_id: string;
  agent: AgentName;
  status: "running" | "interrupted" | "completed" | "stopped";
  next: string[];
  interrupts: Question[];
  values: Record<string, unknown>;
}

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
  linkedin_url: string | null;
  notes: string | null;
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
  created_at: string;
  updated_at: string;
}

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

export interface SuppressedNumber {
  number: string;
  reason: string;
  source: "operator" | "import" | "opt_out";
  lead_id: string | null;
  conversation_id: string | null;
  created_at: string;
}

/** Whether a number is on the do-not-call list, and the consent on record. */
export interface Suppression {
  number: string;
  suppressed: boolean;
  entry: SuppressedNumber | null;
  consent: ConsentRecord | null;
}

/** `unreadable` counts every line without a number; `errors` names the first hundred. */
export interface DoNotCallImport {
  added: number;
  present: number;
  unreadable: number;
  errors: { line: number; message: string }[];
}

/** Whom an erasure is about: one of them is given. */
export interface Subject {
  lead_id?: string;
  phone?: string;
  email?: string;
}

/** `subject` is null once it is finished, and where nobody knows whose wish it is. `counts`: what went, by kind. */
export interface ShownErasure {
  id: string;
  status: "requested" | "queued" | "waiting" | "running" | "finished" | "dismissed";
  source: "operator" | "caller";
  subject: Subject | null;
  crm: "delete" | "keep";
  conversation_id: string | null;
  counts: Record<string, number>;
  waits_for: string | null;
  created_at: string;
  finished_at: string | null;
}

export interface PlanLine {
  kind: string;
  count: number;
  fate: "erased" | "kept";
  note: string | null;
}

export interface Plan {
  lines: PlanLine[];
  waits_for: Record<string, number>;
  sharing_number: number;
}

/** Of a look only the plan is there. */
export interface ErasureReply {
  erasure: ShownErasure | null;
  plan: Plan | null;
}

export interface Booking {
  id: string;
  status: "booked" | "cancelled";
  start: string;
  end: string;
  email: string | null;
  name: string | null;
  company: string | null;
  notes: string | null;
  lead_id: string | null;
  conversation_id: string | null;
}

export interface FreeTimes {
  time_zone: string;
  items: { start: string; end: string }[];
}

export interface OpenMatter {
  kind: "person_wanted" | "answer_wanted";
  since: string;
  conversation_id: string | null;
  thread_id: string | null;
  agent: string | null;
}

export interface Customer {
  lead: LeadRecord;
  conversations: ListedConversation[];
  meetings: Booking[];
  open: OpenMatter[];
}

export interface ApiKeyRecord {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  created_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** `key` is shown this once. */
export interface IssuedKey {
  id: string;
  key: string;
  name: string;
}

interface Cost {
  calls: number;
  failed: number;
  /** Calls whose price is not known; they are not in `cost_usd`. */
  unpriced: number;
  cost_usd: number;
}

export interface DayCost extends Cost {
  day: string;
}

export interface ProviderCost extends Cost {
  kind: string;
  provider: string;
  model: string;
  prompt_tokens: number;
  completion_tokens: number;
  audio_seconds: number;
  characters_spoken: number;
  characters_discarded: number;
}

export interface AgentCost {
  agent_type: string;
  runs: number;
  failed: number;
  mean_latency_ms: number | null;
  cost_usd: number;
}

export interface LeadCost {
  lead_id: string;
  company_name: string | null;
  contact_name: string | null;
  calls: number;
  unpriced: number;
  cost_usd: number;
}

export interface Costs extends Cost {
  first: string;
  last: string;
  days: DayCost[];
  providers: ProviderCost[];
  agents: AgentCost[];
}

export interface DayLatency {
  day: string;
  replies: number;
  p50_ms: number;
  p95_ms: number;
}

export interface StageLatency {
  stage: "reply" | "end_of_turn" | "transcript" | "first_token" | "first_audio";
  /** Empty where it is not known. */
  provider: string;
  replies: number;
  p50_ms: number;
  p95_ms: number;
}

export interface SlowReply {
  conversation_id: string;
  channel: Channel;
  company_name: string | null;
  contact_name: string | null;
  turn: ConversationTurn;
}

/** Percentiles are null without replies. */
export interface Latency {
  first: string;
  last: string;
  spoken: boolean;
  channel: Channel | null;
  replies: number;
  p50_ms: number | null;
  p95_ms: number | null;
  spread: { ms: number; replies: number }[];
  days: DayLatency[];
  stages: StageLatency[];
  slowest: SlowReply[];
}

export interface ExecutionRecord {
  id: string;
  agent_type: string;
  thread_id: string | null;
  status: "pending" | "running" | "success" | "failed";
  engine: string | null;
  started_at: string;
  latency_ms: number | null;
  cost_usd: number;
  error_code: string | null;
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

export interface KnowledgeStatus {
  subject: string;
  uses_example: boolean;
  file_topics: number;
  stored_topics: number;
}

export interface Topic {
  id: string;
  title: string;
  text: string;
  /** The document it came of. */
  document_id: string | null;
  created_at: string;
  updated_at: string;
}

export interface KnownDocument {
  id: string;
  name: string;
  size_bytes: number;
  status: "processing" | "ready" | "failed";
  error: { code: string; message: string } | null;
  pages: number | null;
  topics: number;
}

export interface Findings {
  passages: { title: string; text: string; score: number }[];
}

export interface KnowledgeImport {
  created: number;
  updated: number;
  deleted: number;
}

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

type ResearchStatus = "running" | "completed" | "cancelled" | "failed" | "stopped";

export interface ListedResearch {
  id: string;
  status: ResearchStatus;
  /** Null once it is no longer kept. */
  question: string | null;
  started_at: string;
  latency_ms: number | null;
  cost_usd: number;
}

/** `sources`: ids of those of the report. */
export interface Claim {
  text: string;
  confidence: number;
  sources: number[];
}

export interface Source {
  id: number;
  kind: "lead" | "knowledge" | "crm" | "website" | "web";
  title: string;
  text: string;
  url: string | null;
}

export interface ResearchReport {
  summary: string;
  claims: Claim[];
  sources: Source[];
  confidence: number;
  not_found: string[];
  not_searched: { source: string; code: string; message: string }[];
  engine: string;
  latency_ms: number;
  cost_usd: number;
}

export interface Research {
  id: string;
  status: ResearchStatus;
  question: string | null;
  report: ResearchReport | null;
  error?: { code: string; message: string };
}

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
  /** Null: its leads were named. */
  audience: Audience | null;
  status: CallListStatus;
  /** Of a pause: `person`, or the code with which the carrier refuses every call. */
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
