import { describe, expect, it } from "vitest";
import { Resampler } from "../../src/audio/resampler";

function tone(rate: number, hz: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate));
}

/** Resamples block by block, as an audio thread would. */
function run(resampler: Resampler, input: Float32Array, block = 128): Float32Array {
  const out: number[] = [];
  const scratch = new Float32Array(resampler.outputBound(block));
  for (let at = 0; at < input.length; at += block) {
    const part = input.subarray(at, at + block);
    const count = resampler.process(part, scratch);
    expect(count).toBeLessThanOrEqual(resampler.outputBound(part.length));
    out.push(...scratch.subarray(0, count));
  }
  return Float32Array.from(out);
}

/** Root mean square of the middle, clear of the filter's run-in and run-out. */
function loudness(samples: Float32Array): number {
  const middle = samples.subarray(Math.floor(samples.length * 0.2), Math.floor(samples.length * 0.8));
  return Math.sqrt(middle.reduce((sum, x) => sum + x * x, 0) / middle.length);
}

const decibels = (ratio: number): number => 20 * Math.log10(ratio);

describe.each([
  [48_000, 24_000],
  [44_100, 24_000],
  [16_000, 24_000],
  [24_000, 48_000],
  [24_000, 44_100],
])("from %i to %i Hz", (from, to) => {
  it("keeps the length", () => {
    expect(run(new Resampler(from, to), tone(from, 440, 1)).length).toBe(to);
  });

  it.each([100, 1_000, 3_400, 6_500])("passes %i Hz unchanged", (hz) => {
    const out = run(new Resampler(from, to), tone(from, hz, 0.5));
    expect(Math.abs(decibels(loudness(out) / Math.SQRT1_2))).toBeLessThan(0.1);
  });

  it("gives the same samples whatever the block size", () => {
    const input = tone(from, 1_000, 0.2);
    const small = run(new Resampler(from, to), input, 37);
    const large = run(new Resampler(from, to), input, 1_024);
    expect(small).toEqual(large);
  });

  it("keeps a constant level to the last bit that matters", () => {
    const out = run(new Resampler(from, to), new Float32Array(4_800).fill(0.5));
    const settled = out.subarray(400, out.length - 10);
    for (const sample of settled) expect(sample).toBeCloseTo(0.5, 5);
  });
});

it("follows the wave, delayed by what it says", () => {
  const resampler = new Resampler(48_000, 24_000);
  const out = run(resampler, tone(48_000, 1_000, 0.1));
  for (let i = 200; i < 2_000; i++) {
    const expected = Math.sin(2 * Math.PI * 1_000 * (i / 24_000 - resampler.delay));
    expect(out[i]).toBeCloseTo(expected, 3);
  }
});

it.each([
  [48_000, 13_500],
  [48_000, 20_000],
  [44_100, 13_500],
])("removes what would fold back: at %i Hz a tone of %i Hz", (from, hz) => {
  const out = run(new Resampler(from, 24_000), tone(from, hz, 0.5));
  expect(decibels(loudness(out) / Math.SQRT1_2)).toBeLessThan(-60);
});

it("leaves equal rates alone", () => {
  const input = tone(24_000, 440, 0.01);
  expect(run(new Resampler(24_000, 24_000), input)).toEqual(input);
});
