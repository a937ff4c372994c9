import type { OutputModality, SessionSettings } from "./items";

/** Id of the events that no visitor asked for: an error that one of these causes is nothing to bother them with. */
export const ASIDE = "aside";

interface Named {
  event_id?: string;
}

export type ClientEvent = Named &
  (
    | { type: "session.update"; session: SessionSettings }
    /** `captured_ms` is not sent: when the frame's last sample was taken, on `performance.now()`'s clock. */
    | { type: "input_audio_buffer.append"; audio: string; captured_ms: number }
    | { type: "input_audio_buffer.clear" }
    | {
        type: "conversation.item.create";
        item: { id: string; type: "message"; role: "user"; content: [{ type: "input_text"; text: string }] };
      }
    | { type: "conversation.item.retrieve"; item_id: string }
    | { type: "conversation.item.truncate"; item_id: string; content_index: number; audio_end_ms: number }
    | { type: "response.create"; response?: { output_modalities?: [OutputModality] } }
    | { type: "response.cancel"; response_id?: string }
    /** Ours: how much of a reply has been played. `final`: no more of it will be. */
    | { type: "sales_agent.playback"; item_id: string; audio_ms: number; final: boolean }
  );
