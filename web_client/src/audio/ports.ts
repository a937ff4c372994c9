import type { PlayedItem } from "./playback_queue";

/** Why the microphone gives nothing: permission refused, none there, taken by a program, page not secure, unplugged. */
export type MicrophoneProblem = "refused" | "missing" | "busy" | "insecure" | "lost";

export class MicrophoneError extends Error {
  constructor(readonly problem: MicrophoneProblem) {
    super(`microphone ${problem}`);
    this.name = "MicrophoneError";
  }
}

/** 20 ms of the visitor, at the wire rate. */
export interface MicrophoneFrame {
  samples: Int16Array<ArrayBuffer>;
  /** Root mean square, 0..1. */
  level: number;
  /** When its last sample was taken, on `performance.now()`'s clock. */
  endMs: number;
}

export interface Microphone {
  /** Frames go on, silent. */
  mute(muted: boolean): void;
  /** Gives a frame's memory back. */
  recycle(samples: Int16Array<ArrayBuffer>): void;
  close(): void;
}

/** What the speaker tells. Samples are at the wire rate, times on `performance.now()`'s clock. */
export type SpeakerReport =
  | { kind: "started"; item: string }
  /** The item's first sound reaches the ear at `atMs`. */
  | { kind: "audible"; item: string; atMs: number }
  | { kind: "finished"; item: string; played: number }
  /** `pending`: samples counted as played that the loudspeaker has yet to give. */
  | { kind: "position"; item: string | null; played: number; pending: number; level: number; underruns: number };

export interface Speaker {
  play(item: string, samples: Int16Array<ArrayBuffer>): void;
  end(item: string): void;
  /** Silence at once; tells what had been played of each item. */
  flush(): Promise<PlayedItem[]>;
  pause(): void;
  resume(): void;
  mute(muted: boolean): void;
  close(): void;
}

/** The browser's sound, as the conversation needs it. */
export interface AudioDevices {
  /** To be called from a click or key: browsers allow sound only then. */
  openSpeaker(report: (report: SpeakerReport) => void): Promise<Speaker>;
  /** Raises MicrophoneError. `lost`: it went away later. */
  openMicrophone(frame: (frame: MicrophoneFrame) => void, lost: () => void): Promise<Microphone>;
  /** Lets the devices go. */
  close(): void;
}
