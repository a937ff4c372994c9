import { type PlaybackNote, PlaybackQueue } from "../playback_queue";
import { WIRE_RATE } from "../rates";
import { Resampler } from "../resampler";
import type { PlaybackCommand, PlaybackReport } from "./messages";

const REPORT_EVERY_S = 0.05;

export class PlaybackProcessor extends AudioWorkletProcessor {
  private readonly queue = new PlaybackQueue();
  /** Only where the browser would not open a context at the wire rate. */
  private readonly resampler = sampleRate === WIRE_RATE ? null : new Resampler(WIRE_RATE, sampleRate);
  private readonly source = new Float32Array(1);
  private readonly converted = new Float32Array(64);
  private convertedAt = 0;
  private convertedEnd = 0;
  private open = true;
  private lastReport = 0;
  private readonly note = (note: PlaybackNote): void => this.tell(note);

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<PlaybackCommand>) => this.obey(data);
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const out = outputs[0]?.[0];
    if (out) {
      if (this.resampler) this.pullConverted(out, this.resampler);
      else this.queue.pull(out, this.note);
    }
    if (currentTime - this.lastReport >= REPORT_EVERY_S) {
      this.lastReport = currentTime;
      this.report({ kind: "position", ...this.queue.position() });
    }
    return this.open;
  }

  /** One source sample at a time keeps the played count exact at any ratio. */
  private pullConverted(out: Float32Array, resampler: Resampler): void {
    for (let at = 0; at < out.length; at++) {
      while (this.convertedAt === this.convertedEnd) {
        this.queue.pull(this.source, this.note);
        this.convertedEnd = resampler.process(this.source, this.converted);
        this.convertedAt = 0;
      }
      out[at] = this.converted[this.convertedAt++] as number;
    }
  }

  private obey(command: PlaybackCommand): void {
    switch (command.kind) {
      case "push":
        return this.queue.push(command.item, command.samples);
      case "end":
        return this.queue.end(command.item);
      case "pause":
        return this.queue.pause();
      case "resume":
        return this.queue.resume();
      case "flush":
        return this.report({ kind: "flushed", id: command.id, items: this.queue.flush() });
      case "close":
        this.open = false;
    }
  }

  private tell(note: PlaybackNote): void {
    if (note.kind !== "audible") this.report(note);
    else this.report({ kind: "audible", item: note.item, time: currentTime + note.offset / sampleRate });
  }

  private report(report: PlaybackReport): void {
    this.port.postMessage(report);
  }
}
