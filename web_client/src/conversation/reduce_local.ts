import { newMessage, patch } from "./entries";
import { type ConversationState, initialState, type LocalEvent, type Message } from "./state";

/** The local half of `reduce`. */
export function reduceLocal(state: ConversationState, event: LocalEvent): ConversationState {
  switch (event.type) {
    case "local.status":
      return reduceStatus(state, event.status);
    case "local.typed": {
      const message: Message = { ...newMessage(event.id, "user", false), status: "pending", text: event.text };
      return { ...state, entries: [...state.entries, message], awaiting: true, problem: null };
    }
    case "local.microphone":
      return { ...state, microphone: event.state, userSpeaking: event.state === "on" && state.userSpeaking };
    case "local.speaker":
      return { ...state, speakerOn: event.on };
    case "local.audio":
      return patched(state, event.item_id, { receivedMs: event.received_ms });
    case "local.playing":
      return { ...state, playing: event.item_id };
    case "local.played":
      return patched(state, event.item_id, { playedMs: event.played_ms });
    case "local.interrupted":
      return reduceInterrupted(state, event.item_id, event.played_ms);
    case "local.settled":
      return { ...state, interrupted: false };
    case "local.measured":
      return patched(state, event.item_id, { measuredMs: event.latency_ms });
    case "local.problem":
      return { ...state, problem: event.error };
    case "local.new":
      return { ...initialState, microphone: state.microphone, speakerOn: state.speakerOn };
  }
}

function patched(state: ConversationState, id: string, change: Partial<Message>): ConversationState {
  const entries = patch<Message>(state.entries, id, change);
  return entries === state.entries ? state : { ...state, entries };
}

/** A lost line ends the turn in progress: a reply that was still coming stays as far as it came. */
function reduceStatus(state: ConversationState, status: ConversationState["status"]): ConversationState {
  if (status.kind === "ready" || status.kind === "connecting") return { ...state, status, problem: null };
  const entries = state.entries.map((entry) =>
    entry.kind === "message" && entry.role === "assistant" && entry.status === "streaming"
      ? { ...entry, status: "incomplete" as const }
      : entry.kind === "tool" && entry.status === "running"
        ? { ...entry, status: "cancelled" as const }
        : entry,
  );
  return { ...state, status, entries, response: null, awaiting: false, userSpeaking: false, held: false };
}

function reduceInterrupted(state: ConversationState, id: string | null, playedMs: number): ConversationState {
  const next = { ...state, playing: null, held: false, interrupted: true };
  return id === null ? next : patched(next, id, { status: "incomplete", playedMs });
}
