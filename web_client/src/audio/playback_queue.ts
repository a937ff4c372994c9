import { JitterTarget } from "./jitter_target";
import { samplesToMs, WIRE_RATE } from "./rates";
import { SampleRing } from "./sample_ring";

/** Longest backlog kept; a server that sends further ahead loses the tail, which `dropped` counts. */
const MAX_BACKLOG_SAMPLES = 180 * WIRE_RATE;
const PAUSE_FADE_SAMPLES = 0.02 * WIRE_RATE;
/** Short ramp at a start or restart, so that it does not click. */
const START_FADE_SAMPLES = 0.003 * WIRE_RATE;

/** -40 dB of full scale: below it, what a voice begins with is silence to the ear. */
const AUDIBLE = 328;

export interface PlayedItem {
  item: string;
  /** Samples of the item that left the queue. */
  played: number;
}

export type PlaybackNote =
  | { kind: "started"; item: string }
  /** The first sample that can be heard lies `offset` samples into the block being pulled. */
  | { kind: "audible"; item: string; offset: number }
  | ({ kind: "finished" } & PlayedItem);

export interface PlaybackPosition {
  item: string | null;
  played: number;
  /** Samples waiting, of all items. */
  buffered: number;
  underruns: number;
  dropped: number;
  paused: boolean;
  /** Root mean square of what was played since the last position. */
  level: number;
}

interface Segment {
  item: string;
  queued: number;
  played: number;
  audible: boolean;
  ended: boolean;
}

/**
 * What the speaker plays, item by item, in exact samples at the wire rate. Runs inside the audio thread:
 * `pull` allocates nothing.
 */
export class PlaybackQueue {
  private readonly ring = new SampleRing(4 * WIRE_RATE, MAX_BACKLOG_SAMPLES);
  private readonly jitter = new JitterTarget();
  private segments: Segment[] = [];
  private flowing = false;
  private waited = 0;
  private paused = false;
  private gain = 0;
  private underruns = 0;
  private dropped = 0;
  private squares = 0;
  private measured = 0;

  push(item: string, samples: Int16Array): void {
    const taken = this.ring.write(samples);
    this.dropped += samples.length - taken;
    const last = this.segments.at(-1);
    if (last?.item === item) last.queued += taken;
    else this.segments.push({ item, queued: taken, played: 0, audible: false, ended: false });
  }

  /** No more audio of this item will come: running dry is then its end and no underrun. */
  end(item: string): void {
    for (const segment of this.segments) if (segment.item === item) segment.ended = true;
  }

  /** Fades out over 20 ms and holds at the sample reached. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  /** Drops everything and tells how much of each item had been played. */
  flush(): PlayedItem[] {
    const flushed = this.segments.map(({ item, played }) => ({ item, played }));
    this.segments = [];
    this.ring.clear();
    this.flowing = false;
    this.paused = false;
    this.waited = 0;
    this.gain = 0;
    return flushed;
  }

  /** Fills `out` (floats, wire rate) with the next samples or silence. */
  pull(out: Float32Array, note: (note: PlaybackNote) => void): void {
    this.startIfReady(out.length);
    for (let i = 0; i < out.length; i++) {
      const value = this.flowing ? this.next(i, note) : 0;
      out[i] = value;
      this.squares += value * value;
    }
    this.measured += out.length;
    if (this.flowing) this.jitter.played(samplesToMs(out.length));
    this.closeEnded(note);
  }

  position(): PlaybackPosition {
    const head = this.segments[0];
    const level = this.measured ? Math.sqrt(this.squares / this.measured) : 0;
    this.squares = 0;
    this.measured = 0;
    return {
      item: head?.item ?? null,
      played: head?.played ?? 0,
      buffered: this.ring.length,
      underruns: this.underruns,
      dropped: this.dropped,
      paused: this.paused,
      level,
    };
  }

  /** Starts once the jitter target is buffered, all of the item is there, or waiting longer would only delay. */
  private startIfReady(block: number): void {
    if (this.flowing || this.paused || this.ring.length === 0) return;
    this.waited += block;
    const complete = this.segments[0]?.ended || this.segments.length > 1;
    const enough = samplesToMs(Math.max(this.ring.length, this.waited)) >= this.jitter.ms;
    if (!complete && !enough) return;
    this.flowing = true;
    this.waited = 0;
  }

  private next(offset: number, note: (note: PlaybackNote) => void): number {
    if (this.paused && this.gain === 0) return 0;
    const segment = this.currentSegment(note);
    if (!segment) return 0;
    if (segment.played === 0) note({ kind: "started", item: segment.item });
    const sample = this.ring.shift();
    if (!segment.audible && Math.abs(sample) >= AUDIBLE) {
      segment.audible = true;
      note({ kind: "audible", item: segment.item, offset });
    }
    segment.queued--;
    segment.played++;
    this.gain = this.paused
      ? Math.max(0, this.gain - 1 / PAUSE_FADE_SAMPLES)
      : Math.min(1, this.gain + 1 / START_FADE_SAMPLES);
    return (sample / 32768) * this.gain;
  }

  /** The segment to play from; steps over finished ones, and stops the flow when there is nothing. */
  private currentSegment(note: (note: PlaybackNote) => void): Segment | null {
    for (let head = this.segments[0]; head; head = this.segments[0]) {
      if (head.queued > 0) return head;
      if (!head.ended && this.segments.length === 1) {
        this.underruns++;
        this.jitter.underrun();
        break;
      }
      this.finish(note);
    }
    this.flowing = false;
    this.gain = 0;
    return null;
  }

  private closeEnded(note: (note: PlaybackNote) => void): void {
    while (this.segments[0]?.queued === 0 && this.segments[0].ended) this.finish(note);
    if (this.segments.length === 0) this.flowing = false;
  }

  private finish(note: (note: PlaybackNote) => void): void {
    const done = this.segments.shift();
    if (done) note({ kind: "finished", item: done.item, played: done.played });
  }
}
