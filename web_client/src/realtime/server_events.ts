import type { ErrorBody, Item, ResponseObject, SessionSettings } from "./items";
import type { OwnEvent } from "./own_events";

/** Where a piece of a reply belongs. */
export interface PartIds {
  response_id: string;
  item_id: string;
  output_index: number;
  content_index: number;
}

/** The events this client acts on; others arrive as they are and are ignored. */
export type ServerEvent =
  | { type: "error"; error: ErrorBody }
  | { type: "session.created" | "session.updated"; session: SessionSettings & { id: string } }
  | { type: "conversation.created"; conversation: { id: string } }
  | {
      type: "conversation.item.added" | "conversation.item.created" | "conversation.item.done";
      item: Item;
      previous_item_id?: string | null;
    }
  | { type: "conversation.item.retrieved"; item: Item }
  | { type: "conversation.item.deleted"; item_id: string }
  | { type: "conversation.item.truncated"; item_id: string; content_index: number; audio_end_ms: number }
  | { type: "conversation.item.input_audio_transcription.delta"; item_id: string; delta?: string }
  | { type: "conversation.item.input_audio_transcription.completed"; item_id: string; transcript: string }
  | { type: "conversation.item.input_audio_transcription.failed"; item_id: string; error: Partial<ErrorBody> }
  | { type: "input_audio_buffer.committed"; item_id: string; previous_item_id?: string | null }
  | { type: "input_audio_buffer.speech_started"; item_id: string; audio_start_ms: number }
  | { type: "input_audio_buffer.speech_stopped"; item_id: string; audio_end_ms: number }
  | { type: "response.created" | "response.done"; response: ResponseObject }
  | { type: "response.output_item.added" | "response.output_item.done"; response_id: string; item: Item }
  | ({ type: "response.output_text.delta" | "response.output_audio_transcript.delta"; delta: string } & PartIds)
  | ({ type: "response.output_text.done"; text: string } & PartIds)
  | ({ type: "response.output_audio_transcript.done"; transcript: string } & PartIds)
  | ({ type: "response.output_audio.delta"; delta: string } & PartIds)
  | ({ type: "response.output_audio.done" } & PartIds)
  | OwnEvent;

/** A text frame as an event, or null when it is not a JSON object with a type. */
export function parseServerEvent(text: string): ServerEvent | null {
  try {
    const value: unknown = JSON.parse(text);
    return isEvent(value) ? value : null;
  } catch {
    return null;
  }
}

function isEvent(value: unknown): value is ServerEvent {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
