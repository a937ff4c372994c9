import type { ConversationState } from "./state";

export type Phase =
  | "idle"
  | "connecting"
  | "ready"
  | "listening"
  | "thinking"
  | "speaking"
  | "interrupted"
  | "reconnecting"
  | "error";

/** The one word for where the conversation is. `ready` is connected, with the microphone off. */
export function phaseOf(state: ConversationState): Phase {
  const { status } = state;
  if (status.kind === "failed") return "error";
  if (status.kind === "reconnecting" || status.kind === "connecting") return status.kind;
  if (status.kind === "idle") return state.microphone === "asking" ? "connecting" : "idle";
  if (state.interrupted) return "interrupted";
  if (state.playing) return state.held ? "listening" : "speaking";
  if (state.userSpeaking) return "listening";
  if (state.awaiting || state.response) return "thinking";
  return state.microphone === "on" ? "listening" : "ready";
}
