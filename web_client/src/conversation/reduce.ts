import { ASIDE } from "../realtime/client_events";
import type { ErrorBody, MessageItem, ResponseObject } from "../realtime/items";
import type { ServerEvent } from "../realtime/server_events";
import {
  change,
  findMessage,
  insertAfter,
  mergeItem,
  newMessage,
  noteHeard,
  patch,
  remove,
  resumedEntries,
  withPresence,
} from "./entries";
import { reduceLocal } from "./reduce_local";
import type { ConversationState, Handoff, LocalEvent, Message, ToolActivity } from "./state";

/** Errors that only say that something had already happened. */
const HARMLESS = new Set(["conversation_already_has_active_response", "duplicate_item"]);

/** The one way the conversation changes: an event in, the next state out. Unknown events change nothing. */
export function reduce(state: ConversationState, event: ServerEvent | LocalEvent): ConversationState {
  if (isLocal(event)) return reduceLocal(state, event);
  return reduceTurn(reduceEntries(state, event), event);
}

const isLocal = (event: ServerEvent | LocalEvent): event is LocalEvent => event.type.startsWith("local.");

/** Who is at it: the visitor, the agent, neither. */
function reduceTurn(state: ConversationState, event: ServerEvent): ConversationState {
  switch (event.type) {
    case "conversation.created":
      return reduceCreated(state, event.conversation.id);
    case "sales_agent.conversation.resumed":
      return {
        ...state,
        conversationId: event.conversation_id,
        response: null,
        awaiting: false,
        held: false,
        operator: null,
      };
    case "input_audio_buffer.speech_started":
      return { ...state, userSpeaking: true, awaiting: false, problem: null };
    case "input_audio_buffer.speech_stopped":
      return { ...state, userSpeaking: false, awaiting: true, interrupted: false };
    case "response.created":
      return { ...state, response: event.response.id, awaiting: false, interrupted: false };
    case "response.done":
      return reduceResponseDone(state, event.response);
    case "sales_agent.playback.pause":
      return { ...state, held: true };
    case "sales_agent.playback.resume":
      return { ...state, held: false };
    case "sales_agent.operator":
      return { ...state, operator: event.present ? event.name : null };
    case "error":
      return isHarmless(event.error) ? state : { ...state, problem: event.error, awaiting: false };
    default:
      return state;
  }
}

const isHarmless = ({ code, event_id }: ErrorBody): boolean => event_id === ASIDE || HARMLESS.has(code ?? "");

function reduceCreated(state: ConversationState, id: string): ConversationState {
  const restarted = state.conversationId !== null && state.conversationId !== id;
  const said = state.entries.filter((entry) => entry.kind !== "message" || entry.status !== "pending");
  if (!restarted || said.length === 0) return { ...state, conversationId: id };
  const pending = state.entries.filter((entry) => !said.includes(entry));
  return { ...state, conversationId: id, entries: [...said, { kind: "restart", id: `restart_${id}` }, ...pending] };
}

function reduceResponseDone(state: ConversationState, response: ResponseObject): ConversationState {
  const error = response.status === "failed" ? response.status_details?.error : null;
  const problem = error
    ? { type: "server_error", code: error.code ?? "response_failed", message: error.message ?? "" }
    : state.problem;
  if (state.response !== null && state.response !== response.id) return { ...state, problem };
  return { ...state, response: null, awaiting: false, problem };
}

/** What has been said. */
function reduceEntries(state: ConversationState, event: ServerEvent): ConversationState {
  const entries = nextEntries(state, event);
  return entries === state.entries ? state : { ...state, entries };
}

function nextEntries({ entries, operator }: ConversationState, event: ServerEvent): ConversationState["entries"] {
  switch (event.type) {
    case "sales_agent.operator":
      return withPresence(entries, event.present ? event.name : null);
    case "conversation.item.added":
    case "conversation.item.created":
      return isMessage(event.item) ? mergeItem(entries, event.item, event.previous_item_id ?? null, false) : entries;
    case "conversation.item.done":
      return isMessage(event.item) ? mergeItem(entries, event.item, event.previous_item_id ?? null, true) : entries;
    case "response.output_item.added":
      if (!isMessage(event.item)) return entries;
      return patch<Message>(mergeItem(entries, event.item, null, false), event.item.id, { by: operator });
    case "conversation.item.retrieved":
      return isMessage(event.item) ? noteHeard(entries, event.item) : entries;
    case "conversation.item.deleted":
      return remove(entries, event.item_id);
    case "error":
      return refuseTyped(entries, event.error);
    case "conversation.item.truncated":
      return patch<Message>(entries, event.item_id, { status: "incomplete", playedMs: event.audio_end_ms });
    case "sales_agent.conversation.resumed":
      return resumedEntries(entries, event.items.filter(isMessage));
    default:
      return nextUserWords(entries, event) ?? nextReplyWords(entries, event) ?? nextExtras(entries, event);
  }
}

const isMessage = (item: { type: string }): item is MessageItem => item.type === "message";

type Entries = ConversationState["entries"];

/** A typed message carries its own id as the event's: what the server would not take is not sent again. */
function refuseTyped(entries: Entries, { code, event_id }: ErrorBody): Entries {
  const message = event_id ? findMessage(entries, event_id) : null;
  if (message?.status !== "pending") return entries;
  return patch<Message>(entries, message.id, { status: code === "duplicate_item" ? "done" : "failed" });
}

/** The visitor's speech as it is understood. */
function nextUserWords(entries: Entries, event: ServerEvent): Entries | null {
  switch (event.type) {
    case "input_audio_buffer.speech_started":
      return findMessage(entries, event.item_id) ? entries : [...entries, newMessage(event.item_id, "user", true)];
    case "conversation.item.input_audio_transcription.delta":
      return change(entries, event.item_id, "user", true, (message) =>
        message.status === "done" ? {} : { text: message.text + (event.delta ?? "") },
      );
    case "sales_agent.transcript.interim":
      return change(entries, event.item_id, "user", true, (message) =>
        message.status === "done" ? {} : { text: event.text },
      );
    case "conversation.item.input_audio_transcription.completed":
      if (!event.transcript.trim()) return remove(entries, event.item_id);
      return change(entries, event.item_id, "user", true, () => ({ text: event.transcript.trim(), status: "done" }));
    case "conversation.item.input_audio_transcription.failed":
      return change(entries, event.item_id, "user", true, () => ({ status: "failed" }));
    default:
      return null;
  }
}

/** The agent's reply as it comes. A cut reply takes no more words. */
function nextReplyWords(entries: Entries, event: ServerEvent): Entries | null {
  switch (event.type) {
    case "response.output_text.delta":
    case "response.output_audio_transcript.delta": {
      const spoken = event.type === "response.output_audio_transcript.delta";
      return change(entries, event.item_id, "assistant", spoken, (message) =>
        message.status === "streaming" ? { text: message.text + event.delta, spoken } : {},
      );
    }
    case "response.output_text.done":
    case "response.output_audio_transcript.done": {
      const text = "text" in event ? event.text : event.transcript;
      return change(entries, event.item_id, "assistant", "transcript" in event, (message) =>
        message.status === "streaming" ? { text } : {},
      );
    }
    case "response.output_audio.done":
      return patch<Message>(entries, event.item_id, { audioDone: true });
    case "sales_agent.transcript.words":
      return change(entries, event.item_id, "assistant", true, ({ words }) => ({
        words: [...words, ...event.words],
      }));
    default:
      return null;
  }
}

/** What this server adds. */
function nextExtras(entries: Entries, event: ServerEvent): Entries {
  switch (event.type) {
    case "sales_agent.turn.timings": {
      const { type: _, item_id, ...timings } = event;
      return patch<Message>(entries, item_id, { timings });
    }
    case "sales_agent.intent":
      return patch<Message>(entries, event.item_id, { intent: event.intent });
    case "sales_agent.tool.started": {
      const { call_id, name, label } = event;
      const tool: ToolActivity = { kind: "tool", id: call_id, name, label: label ?? null, status: "running" };
      return entries.some(({ id }) => id === call_id) ? entries : [...entries, tool];
    }
    case "sales_agent.tool.finished":
      return patch<ToolActivity>(entries, event.call_id, { status: event.failed ? "failed" : "completed" });
    case "sales_agent.handoff": {
      const handoff: Handoff = {
        kind: "handoff",
        id: `handoff_${entries.length}`,
        to: event.to ?? null,
        message: event.message ?? null,
      };
      return insertAfter(entries, handoff, null);
    }
    default:
      return entries;
  }
}
