import { FRAME_MS } from "../audio/rates";

/** A minute of frames: a turn's end is asked for within seconds. */
const KEPT = 3_000;

/**
 * When the audio of a connection was captured: the server speaks of places in all audio it was sent, this tells the
 * moment at this end. Times are milliseconds of `performance.now()`'s clock.
 */
export class CaptureClock {
  private readonly endMs = new Float64Array(KEPT);
  private frames = 0;

  /** A new connection: the server counts from nothing again. */
  restart(): void {
    this.frames = 0;
  }

  /** One more frame went out, whose last sample was taken at `endMs`. */
  sent(endMs: number): void {
    this.endMs[this.frames++ % KEPT] = endMs;
  }

  /** When the sample at this place was taken; null when it was not sent, or too long ago. */
  at(audioMs: number): number | null {
    const frame = Math.ceil(audioMs / FRAME_MS) - 1;
    if (frame < 0 || frame >= this.frames || frame < this.frames - KEPT) return null;
    return (this.endMs[frame % KEPT] as number) - ((frame + 1) * FRAME_MS - audioMs);
  }
}
