import type { ConnectionStatus } from "../realtime/client";
import type { ErrorBody } from "../realtime/items";
import type { SpokenWord, TurnTimings } from "../realtime/own_events";

export interface Message {
  kind: "message";
  id: string;
  role: "user" | "assistant";
  spoken: boolean;
  /** `pending`: typed here, the server has not shown it yet. `incomplete`: cut off. `failed`: not understood. */
  status: "pending" | "streaming" | "done" | "incomplete" | "failed";
  /** Everything the reply was to say, or what the visitor said so far. */
  text: string;
  /** What the server knows to have been heard, once a reply was cut. */
  heardText: string | null;
  /** Milliseconds of the reply's audio that came in, and that were played. */
  receivedMs: number;
  playedMs: number;
  audioDone: boolean;
  words: readonly SpokenWord[];
  timings: TurnTimings | null;
  /** End of speech (or sending) to the first sound (or text), measured here. */
  measuredMs: number | null;
  intent: string | null;
  /** The person whose words a reply is; null: the agent's. */
  by: string | null;
}

export interface ToolActivity {
  kind: "tool";
  id: string;
  name: string;
  label: string | null;
  status: "running" | "completed" | "failed" | "cancelled";
}

export interface Handoff {
  kind: "handoff";
  id: string;
  to: string | null;
  message: string | null;
}

/** The conversation of before could not be continued; from here on it is a new one. */
export interface Restart {
  kind: "restart";
  id: string;
}

/** A person speaks in the agent's place from here on, or the agent does again. */
export interface Presence {
  kind: "presence";
  id: string;
  name: string;
  present: boolean;
}

export type Entry = Message | ToolActivity | Handoff | Restart | Presence;

/** `asking`: the browser waits for permission. The last five are reasons why there is no sound from the visitor. */
export type MicrophoneState = "off" | "asking" | "on" | "refused" | "missing" | "busy" | "insecure" | "lost";

export interface ConversationState {
  status: ConnectionStatus;
  conversationId: string | null;
  entries: readonly Entry[];
  microphone: MicrophoneState;
  speakerOn: boolean;
  /** The response being generated. */
  response: string | null;
  /** The visitor finished a turn and no response to it has begun. */
  awaiting: boolean;
  userSpeaking: boolean;
  /** The item being heard. */
  playing: string | null;
  held: boolean;
  interrupted: boolean;
  /** Who speaks in the agent's place. */
  operator: string | null;
  /** The last error of a running session; connection failures are in `status`. */
  problem: ErrorBody | null;
}

export const initialState: ConversationState = {
  status: { kind: "idle" },
  conversationId: null,
  entries: [],
  microphone: "off",
  speakerOn: false,
  response: null,
  awaiting: false,
  userSpeaking: false,
  playing: null,
  held: false,
  interrupted: false,
  operator: null,
  problem: null,
};

/** What happens on this side. Times are milliseconds. */
export type LocalEvent =
  | { type: "local.status"; status: ConnectionStatus }
  | { type: "local.typed"; id: string; text: string }
  | { type: "local.microphone"; state: MicrophoneState }
  | { type: "local.speaker"; on: boolean }
  | { type: "local.audio"; item_id: string; received_ms: number }
  | { type: "local.playing"; item_id: string | null }
  | { type: "local.played"; item_id: string; played_ms: number }
  | { type: "local.interrupted"; item_id: string | null; played_ms: number }
  | { type: "local.settled" }
  | { type: "local.measured"; item_id: string; latency_ms: number }
  | { type: "local.problem"; error: ErrorBody | null }
  | { type: "local.new" };
