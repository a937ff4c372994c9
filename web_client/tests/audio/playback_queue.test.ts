import { beforeEach, describe, expect, it } from "vitest";
import { type PlaybackNote, PlaybackQueue } from "../../src/audio/playback_queue";
import { msToSamples } from "../../src/audio/rates";

const BLOCK = 128;
let queue: PlaybackQueue;
let notes: PlaybackNote[];

beforeEach(() => {
  queue = new PlaybackQueue();
  notes = [];
});

/** Full-scale samples, so that whatever is not silence can be told by its level. */
const sound = (ms: number, value = 16_384): Int16Array => new Int16Array(msToSamples(ms)).fill(value);

/** Plays for this long and returns what came out. */
function play(ms: number): Float32Array {
  const out = new Float32Array(Math.ceil(msToSamples(ms) / BLOCK) * BLOCK);
  for (let at = 0; at < out.length; at += BLOCK) queue.pull(out.subarray(at, at + BLOCK), (note) => notes.push(note));
  return out;
}

const audible = (out: Float32Array): number => out.filter((sample) => sample !== 0).length;

describe("counting", () => {
  it("counts each item's samples exactly and tells start and end once", () => {
    queue.push("a", sound(50));
    queue.push("b", sound(30));
    queue.end("a");
    queue.end("b");
    play(150);
    expect(notes).toEqual([
      { kind: "started", item: "a" },
      { kind: "audible", item: "a", offset: 0 },
      { kind: "finished", item: "a", played: msToSamples(50) },
      { kind: "started", item: "b" },
      { kind: "audible", item: "b", offset: msToSamples(50) % BLOCK },
      { kind: "finished", item: "b", played: msToSamples(30) },
    ]);
  });

  it("tells where the first sound lies behind silence", () => {
    const late = sound(100);
    late.fill(100, 0, 1_000);
    queue.push("a", late);
    queue.end("a");
    play(120);
    expect(notes[1]).toEqual({ kind: "audible", item: "a", offset: 1_000 % BLOCK });
  });

  it("plays pieces of one item without a gap", () => {
    for (let i = 0; i < 10; i++) queue.push("a", sound(20));
    queue.end("a");
    const out = play(250);
    expect(audible(out)).toBe(msToSamples(200));
    expect(queue.position().underruns).toBe(0);
  });

  it("ends an item that was announced as ended after it ran dry", () => {
    queue.push("a", sound(50));
    play(60);
    queue.end("a");
    play(10);
    expect(notes.at(-1)).toEqual({ kind: "finished", item: "a", played: msToSamples(50) });
    expect(queue.position().item).toBeNull();
  });

  it("takes a new item as the end of the one before", () => {
    queue.push("a", sound(50));
    play(20);
    queue.push("b", sound(50));
    play(100);
    expect(notes.filter((note) => note.kind === "finished")).toEqual([
      { kind: "finished", item: "a", played: msToSamples(50) },
    ]);
  });
});

describe("jitter", () => {
  it("holds back a first short piece, but not for long", () => {
    queue.push("a", sound(20));
    expect(audible(play(15))).toBe(0);
    expect(audible(play(40))).toBeGreaterThan(0);
  });

  it("starts at once when enough is there", () => {
    queue.push("a", sound(100));
    expect(audible(play(10))).toBeGreaterThan(0);
  });

  it("plays a reply shorter than the buffer once it is complete", () => {
    queue.push("a", sound(10));
    queue.end("a");
    expect(audible(play(20))).toBe(msToSamples(10));
  });

  it("counts running dry once, and then buffers more", () => {
    queue.push("a", sound(60));
    play(200);
    expect(queue.position().underruns).toBe(1);
    queue.push("a", sound(60));
    expect(audible(play(10))).toBe(0);
    queue.push("a", sound(60));
    expect(audible(play(10))).toBeGreaterThan(0);
    expect(queue.position().played).toBeGreaterThan(msToSamples(60));
  });
});

describe("flushing", () => {
  it("is silent at once and tells what was played of every item", () => {
    queue.push("a", sound(100));
    queue.push("b", sound(100));
    const out = play(50);
    expect(queue.flush()).toEqual([
      { item: "a", played: out.length },
      { item: "b", played: 0 },
    ]);
    expect(audible(play(100))).toBe(0);
    expect(queue.position()).toMatchObject({ item: null, buffered: 0, underruns: 0 });
  });

  it("plays what comes afterwards", () => {
    queue.push("a", sound(100));
    play(20);
    queue.flush();
    queue.push("b", sound(100));
    queue.end("b");
    play(150);
    expect(notes.at(-1)).toEqual({ kind: "finished", item: "b", played: msToSamples(100) });
  });
});

describe("pausing", () => {
  it("fades out over 20 ms, holds, and goes on at the next sample", () => {
    const ramp = Int16Array.from({ length: msToSamples(200) }, (_, i) => i);
    queue.push("a", ramp);
    queue.end("a");
    play(50);
    queue.pause();
    const fading = play(40);
    const held = queue.position();
    expect(audible(fading)).toBeLessThanOrEqual(msToSamples(20));
    expect(held.paused).toBe(true);
    expect(audible(play(500))).toBe(0);
    expect(queue.position().played).toBe(held.played);
    queue.resume();
    const after = play(20);
    const settled = msToSamples(5);
    expect(after[settled]).toBeCloseTo((held.played + settled) / 32_768, 6);
  });

  it("does not step: neighbouring samples stay close through pause and resume", () => {
    queue.push("a", sound(300));
    queue.end("a");
    const parts = [play(50)];
    queue.pause();
    parts.push(play(50));
    queue.resume();
    parts.push(play(50));
    const out = parts.flatMap((part) => [...part]);
    const steps = out.slice(1).map((sample, i) => Math.abs(sample - (out[i] as number)));
    expect(Math.max(...steps)).toBeLessThan(0.02);
  });

  it("ends with a flush", () => {
    queue.push("a", sound(100));
    play(20);
    queue.pause();
    queue.flush();
    queue.push("b", sound(100));
    expect(audible(play(50))).toBeGreaterThan(0);
  });
});

it("measures how loud it is since the last look", () => {
  queue.push("a", sound(100));
  play(50);
  expect(queue.position().level).toBeGreaterThan(0.4);
  queue.flush();
  play(10);
  expect(queue.position().level).toBe(0);
});

it("drops what passes the longest backlog, and counts it", () => {
  queue.push("a", new Int16Array(msToSamples(181_000)));
  expect(queue.position()).toMatchObject({ buffered: msToSamples(180_000), dropped: msToSamples(1_000) });
});
