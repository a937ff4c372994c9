import { expect, it } from "vitest";
import { FrameCutter } from "../../src/audio/frame_cutter";

interface Cut {
  frame: Int16Array;
  level: number;
}

function cut(rate: number, input: Float32Array, block = 128): Cut[] {
  const cuts: Cut[] = [];
  const cutter = new FrameCutter(rate, (frame, level) => {
    cuts.push({ frame: frame.slice(), level });
    cutter.recycle(frame);
  });
  for (let at = 0; at < input.length; at += block) cutter.push(input.subarray(at, at + block));
  return cuts;
}

it.each([24_000, 44_100, 48_000])("makes a frame of 480 samples every 20 ms at %i Hz", (rate) => {
  const frames = cut(rate, new Float32Array(rate));
  expect(frames.length).toBe(50);
  for (const { frame } of frames) expect(frame.length).toBe(480);
});

it("clips to the range of 16 bits", () => {
  const [first] = cut(
    24_000,
    Float32Array.from({ length: 480 }, (_, i) => (i % 2 ? 1.5 : -1.5)),
  );
  expect(first?.frame.slice(0, 2)).toEqual(Int16Array.of(-32_768, 32_767));
});

it("tells how loud each frame is", () => {
  const input = new Float32Array(960);
  input.fill(0.5, 480);
  expect(cut(24_000, input).map(({ level }) => level)).toEqual([0, 0.5]);
});

it("uses given-back frames again", () => {
  const seen = new Set<Int16Array>();
  const cutter = new FrameCutter(24_000, (frame) => {
    seen.add(frame);
    cutter.recycle(frame);
  });
  for (let i = 0; i < 100; i++) cutter.push(new Float32Array(480));
  expect(seen.size).toBeLessThanOrEqual(2);
});
