import { FRAME_SAMPLES, WIRE_RATE } from "./rates";
import { Resampler } from "./resampler";

/** One 20 ms frame for the wire, and how loud it is (root mean square, 0..1). */
export type FrameSink = (frame: Int16Array<ArrayBuffer>, level: number) => void;

/**
 * Turns the microphone's blocks, at any rate, into 20 ms PCM16 frames at the wire rate. Frames come from a small
 * pool: give them back with `recycle`, else new ones are made.
 */
export class FrameCutter {
  private readonly resampler: Resampler;
  private scratch = new Float32Array(256);
  private readonly pool: Int16Array<ArrayBuffer>[] = [];
  private frame: Int16Array<ArrayBuffer>;
  private filled = 0;
  private squares = 0;

  constructor(
    inputRate: number,
    private readonly sink: FrameSink,
  ) {
    this.resampler = new Resampler(inputRate, WIRE_RATE);
    this.frame = this.take();
  }

  push(block: Float32Array): void {
    const bound = this.resampler.outputBound(block.length);
    if (this.scratch.length < bound) this.scratch = new Float32Array(bound);
    const count = this.resampler.process(block, this.scratch);
    for (let i = 0; i < count; i++) this.add(this.scratch[i] as number);
  }

  recycle(frame: Int16Array<ArrayBuffer>): void {
    if (this.pool.length < 8) this.pool.push(frame);
  }

  private add(sample: number): void {
    const value = Math.max(-1, Math.min(1, sample));
    this.squares += value * value;
    this.frame[this.filled++] = Math.round(value < 0 ? value * 32768 : value * 32767);
    if (this.filled < FRAME_SAMPLES) return;
    this.sink(this.frame, Math.sqrt(this.squares / FRAME_SAMPLES));
    this.frame = this.take();
    this.filled = 0;
    this.squares = 0;
  }

  private take(): Int16Array<ArrayBuffer> {
    return this.pool.pop() ?? new Int16Array(FRAME_SAMPLES);
  }
}
