import type { PlaybackPosition, PlayedItem } from "../playback_queue";

export const CAPTURE_PROCESSOR = "sales-agent-capture";
export const PLAYBACK_PROCESSOR = "sales-agent-playback";

/** Microphone thread to page. `endTime`: when the frame's last sample was taken, in seconds of the context's clock. */
export interface CapturedFrame {
  frame: Int16Array<ArrayBuffer>;
  level: number;
  endTime: number;
}

/** Page to microphone thread: a frame to use again, or the end. */
export type CaptureCommand = { kind: "recycle"; frame: Int16Array<ArrayBuffer> } | { kind: "close" };

/** Page to speaker thread. */
export type PlaybackCommand =
  | { kind: "push"; item: string; samples: Int16Array<ArrayBuffer> }
  | { kind: "end"; item: string }
  | { kind: "flush"; id: number }
  | { kind: "pause" }
  | { kind: "resume" }
  | { kind: "close" };

/** Speaker thread to page. `time` is in seconds of the context's clock. */
export type PlaybackReport =
  | { kind: "started"; item: string }
  | { kind: "audible"; item: string; time: number }
  | { kind: "finished"; item: string; played: number }
  | { kind: "flushed"; id: number; items: PlayedItem[] }
  | ({ kind: "position" } & PlaybackPosition);
