export type Channel = "api" | "phone" | "terminal" | "webrtc" | "websocket" | "widget";

export interface ConversationSummary {
  id: string;
  channel: Channel;
  /** `failed`: a mistake of the server's broke it off. */
  status: "open" | "closed" | "dropped" | "failed";
  lead_id: string | null;
  /** The profile that talked. */
  agent: string | null;
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
  status: "in_progress" | "completed" | "incomplete";
  generated_text: string;
  synthesised_text: string;
  sent_text: string;
  heard_text: string;
  name: string | null;
  arguments: string | null;
  output: string | null;
  intent: string | null;
  /** A person's words in the agent's voice. */
  said_by: "operator" | null;
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
  acts: OperatorAct[];
}

/** What a person did beside the conversation. */
export interface OperatorAct {
  id: string;
  kind: "takeover" | "release" | "lapse" | "say" | "whisper" | "listen" | "end";
  key_name: string | null;
  /** As they called themselves. */
  name: string | null;
  text: string | null;
  /** Whether the caller has heard something of words to be said; null of what is none. */
  said: boolean | null;
  created_at: string;
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
