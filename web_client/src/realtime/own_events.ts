import type { Item } from "./items";

/** Milliseconds on the session's clock; a server may add stages. `response_latency_ms` is a duration. */
export interface TurnTimings {
  speech_end_ms?: number | null;
  transcript_ms?: number | null;
  first_token_ms?: number | null;
  first_audio_ms?: number | null;
  sent_ms?: number | null;
  response_latency_ms?: number | null;
  [stage: string]: unknown;
}

/** A word of a reply's transcript and where it lies in the reply's audio. */
export interface SpokenWord {
  text: string;
  start_ms: number;
  end_ms: number;
}

/** What this server says beyond the OpenAI protocol; every one may be missing. */
export type OwnEvent =
  | ({ type: "sales_agent.turn.timings"; item_id: string } & TurnTimings)
  | { type: "sales_agent.intent"; item_id: string; intent: string; confidence: number }
  | { type: "sales_agent.tool.started"; call_id: string; name: string; label?: string }
  | { type: "sales_agent.tool.finished"; call_id: string; name: string; failed: boolean; latency_ms: number }
  | { type: "sales_agent.handoff"; to?: string; reason?: string; message?: string }
  | { type: "sales_agent.conversation.resumed"; conversation_id: string; items: Item[] }
  /** The caller may be interrupting: hold the item's audio. Then either `resume`, or `speech_started` for good. */
  | { type: "sales_agent.playback.pause"; item_id: string }
  | { type: "sales_agent.playback.resume"; item_id: string }
  /** Somebody on the server's side breaks in: what came of the item and was not played is not to be. */
  | { type: "sales_agent.playback.stop"; item_id: string }
  /** A person speaks in the agent's place from now on, or the agent does again. */
  | { type: "sales_agent.operator"; present: boolean; name: string | null }
  /** Where the words of a reply lie; later events for an item add to it. Without it the place is estimated. */
  | { type: "sales_agent.transcript.words"; item_id: string; words: SpokenWord[] }
  /** The visitor's words so far, replacing what deltas gave: for recognisers that revise. */
  | { type: "sales_agent.transcript.interim"; item_id: string; text: string };
