import type { AudioOutline, AudioPassage } from "../../api/types";

/** Speech that is this close to its end still counts as being heard: recordings pause between two words. */
const SLACK_MS = 250;

/** The item that is heard at a moment of the recording; of two that speak over each other the one that began last. */
export function itemAt(outline: Pick<AudioOutline, "passages">, ms: number): AudioPassage | null {
  let found: AudioPassage | null = null;
  for (const passage of outline.passages) {
    if (passage.start_ms > ms) break;
    if (ms < passage.end_ms + SLACK_MS) found = passage;
  }
  return found;
}

/** Of a reply's words the one that is heard at a moment, from 0. */
export function wordAt(passage: Pick<AudioPassage, "word_ends">, ms: number): number | null {
  const index = passage.word_ends.findIndex(([endMs]) => ms < endMs);
  return index < 0 ? null : index;
}

/** Where each item begins, by its id. */
export function startsOf(outline: Pick<AudioOutline, "passages">): Map<string, number> {
  return new Map(outline.passages.map(({ item_id, start_ms }) => [item_id, start_ms]));
}

/** Minutes and seconds, as players show them. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
}

/** A voice's waveform as a path in a box `peaks.length` wide and 2 high; quiet speech is to be seen, too. */
export function wave(peaks: readonly number[]): string {
  const height = (peak: number): string => Math.sqrt(peak / 255).toFixed(2);
  const over = peaks.map((peak, index) => `L${index} ${(1 - Number(height(peak))).toFixed(2)}`);
  const under = peaks.map((peak, index) => `L${index} ${(1 + Number(height(peak))).toFixed(2)}`).toReversed();
  return `M0 1${over.join("")}L${peaks.length} 1${under.join("")}Z`;
}
