import type { LoadedContext } from "./audio_context";
import type { PlayedItem } from "./playback_queue";
import type { Speaker, SpeakerReport } from "./ports";
import { WIRE_RATE } from "./rates";
import { PLAYBACK_PROCESSOR, type PlaybackCommand, type PlaybackReport } from "./worklet/messages";

/** The audio thread answers within a few blocks; a suspended one never does. */
const FLUSH_TIMEOUT_MS = 200;
const MUTE_FADE_S = 0.01;

/** Plays through our processor, and tells what reaches the ear. */
export class BrowserSpeaker implements Speaker {
  private readonly node: AudioWorkletNode;
  private readonly gain: GainNode;
  private readonly flushes = new Map<number, (items: PlayedItem[]) => void>();
  private flushId = 0;
  private last: PlayedItem | null = null;

  constructor(
    private readonly audio: LoadedContext,
    private readonly report: (report: SpeakerReport) => void,
  ) {
    const { context } = audio;
    this.node = new AudioWorkletNode(context, PLAYBACK_PROCESSOR, { numberOfInputs: 0, outputChannelCount: [1] });
    this.gain = new GainNode(context);
    this.node.connect(this.gain).connect(context.destination);
    this.node.port.onmessage = ({ data }: MessageEvent<PlaybackReport>) => this.heard(data);
  }

  play(item: string, samples: Int16Array<ArrayBuffer>): void {
    this.command({ kind: "push", item, samples }, [samples.buffer]);
  }

  end(item: string): void {
    this.command({ kind: "end", item });
  }

  flush(): Promise<PlayedItem[]> {
    const id = ++this.flushId;
    const answer = new Promise<PlayedItem[]>((resolve) => {
      this.flushes.set(id, resolve);
      setTimeout(() => this.settle(id, this.last ? [this.last] : []), FLUSH_TIMEOUT_MS);
    });
    this.command({ kind: "flush", id });
    return answer;
  }

  pause(): void {
    this.command({ kind: "pause" });
  }

  resume(): void {
    this.command({ kind: "resume" });
  }

  mute(muted: boolean): void {
    this.gain.gain.setTargetAtTime(muted ? 0 : 1, this.audio.context.currentTime, MUTE_FADE_S);
  }

  close(): void {
    this.command({ kind: "close" });
    this.node.port.onmessage = null;
    this.node.disconnect();
    this.gain.disconnect();
    for (const id of [...this.flushes.keys()]) this.settle(id, this.last ? [this.last] : []);
  }

  private heard(report: PlaybackReport): void {
    switch (report.kind) {
      case "started":
        this.last = { item: report.item, played: 0 };
        return this.report(report);
      case "audible":
        return this.report({ ...report, atMs: this.audio.toPageMs(report.time + this.outputDelayS) });
      case "finished":
        this.last = null;
        return this.report(report);
      case "flushed":
        this.last = null;
        return this.settle(report.id, report.items);
      case "position":
        if (report.item) this.last = { item: report.item, played: report.played };
        return this.report({ ...report, pending: report.item ? this.outputDelayS * WIRE_RATE : 0 });
    }
  }

  /** From the processor to the air, as far as the browser knows. */
  private get outputDelayS(): number {
    const { baseLatency, outputLatency } = this.audio.context;
    return outputLatency || baseLatency || 0;
  }

  private settle(id: number, items: PlayedItem[]): void {
    this.flushes.get(id)?.(items);
    this.flushes.delete(id);
  }

  private command(command: PlaybackCommand, transfer: Transferable[] = []): void {
    this.node.port.postMessage(command, transfer);
  }
}
