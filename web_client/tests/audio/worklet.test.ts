import { resolve } from "node:path";
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import { msToSamples } from "../../src/audio/rates";
import {
  CAPTURE_PROCESSOR,
  type CapturedFrame,
  PLAYBACK_PROCESSOR,
  type PlaybackCommand,
  type PlaybackReport,
} from "../../src/audio/worklet/messages";
import { bundle } from "../../vite_plugins/worklet_source";

const BLOCK = 128;

interface Port {
  posted: unknown[];
  postMessage(message: unknown): void;
  onmessage: ((event: { data: unknown }) => void) | null;
}

interface Processor {
  port: Port;
  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}

let script = "";
beforeAll(async () => {
  script = (await bundle(resolve(import.meta.dirname, "../../src/audio/worklet/main.ts"))).code;
});

/** The audio thread of a browser whose context runs at this rate. */
class AudioThread {
  private readonly processors = new Map<string, new () => Processor>();
  private readonly scope: Record<string, unknown>;

  constructor(readonly rate: number) {
    this.scope = {
      sampleRate: rate,
      currentTime: 0,
      AudioWorkletProcessor: class {
        port: Port = { posted: [], onmessage: null, postMessage: (message) => this.port.posted.push(message) };
      },
      registerProcessor: (name: string, made: new () => Processor) => this.processors.set(name, made),
      Float32Array,
      Int16Array,
    };
    runInNewContext(script, this.scope);
  }

  make(name: string): Processor {
    const made = this.processors.get(name);
    if (!made) throw new Error(`${name} is not registered`);
    return new made();
  }

  run(seconds: number, step: (at: number) => void): void {
    const start = this.scope.currentTime as number;
    for (let at = 0; at < seconds * this.rate; at += BLOCK) {
      this.scope.currentTime = start + at / this.rate;
      step(at);
    }
  }
}

describe.each([24_000, 44_100, 48_000])("in a context of %i Hz", (rate) => {
  it("a second of microphone is fifty frames", () => {
    const thread = new AudioThread(rate);
    const capture = thread.make(CAPTURE_PROCESSOR);
    thread.run(1, () => capture.process([[new Float32Array(BLOCK).fill(0.5)]], []));
    const frames = capture.port.posted as CapturedFrame[];
    expect(frames.length).toBeGreaterThanOrEqual(49);
    expect(frames.length).toBeLessThanOrEqual(51);
    expect(frames.at(-1)?.level).toBeCloseTo(0.5, 3);
    expect(frames.at(-1)?.frame.length).toBe(480);
  });

  it("a reply is played at its own pace and counted in its own samples", () => {
    const thread = new AudioThread(rate);
    const playback = thread.make(PLAYBACK_PROCESSOR);
    const command = (data: PlaybackCommand): void => playback.port.onmessage?.({ data });
    const samples = new Int16Array(msToSamples(500)).fill(8_000);
    command({ kind: "push", item: "a", samples });
    command({ kind: "end", item: "a" });
    let audible = 0;
    thread.run(0.7, () => {
      const out = new Float32Array(BLOCK);
      playback.process([], [[out]]);
      audible += out.filter((sample) => Math.abs(sample) > 0.1).length;
    });
    const reports = playback.port.posted as PlaybackReport[];
    expect(reports.filter(({ kind }) => kind !== "position")).toMatchObject([
      { kind: "started", item: "a" },
      { kind: "audible", item: "a" },
      { kind: "finished", item: "a", played: msToSamples(500) },
    ]);
    expect(audible / rate).toBeCloseTo(0.5, 1);
  });

  it("a flush is answered with what was played", () => {
    const thread = new AudioThread(rate);
    const playback = thread.make(PLAYBACK_PROCESSOR);
    const command = (data: PlaybackCommand): void => playback.port.onmessage?.({ data });
    command({ kind: "push", item: "a", samples: new Int16Array(msToSamples(500)).fill(8_000) });
    thread.run(0.25, () => playback.process([], [[new Float32Array(BLOCK)]]));
    command({ kind: "flush", id: 7 });
    const answer = playback.port.posted.at(-1) as Extract<PlaybackReport, { kind: "flushed" }>;
    expect(answer).toMatchObject({ kind: "flushed", id: 7, items: [{ item: "a" }] });
    expect(Math.abs((answer.items[0]?.played ?? 0) - msToSamples(250))).toBeLessThan(msToSamples(10));
  });
});

it("a closed processor asks to be let go", () => {
  const thread = new AudioThread(24_000);
  for (const name of [CAPTURE_PROCESSOR, PLAYBACK_PROCESSOR]) {
    const processor = thread.make(name);
    expect(processor.process([], [])).toBe(true);
    processor.port.onmessage?.({ data: { kind: "close" } });
    expect(processor.process([], [])).toBe(false);
  }
});
