import { expect, it } from "vitest";
import { SampleRing } from "../../src/audio/sample_ring";

const take = (ring: SampleRing, count: number): number[] => Array.from({ length: count }, () => ring.shift());

it("gives samples back in order across many wraps", () => {
  const ring = new SampleRing(7, 7);
  let next = 0;
  let expected = 0;
  for (let round = 0; round < 50; round++) {
    ring.write(Int16Array.from({ length: 5 }, () => next++));
    for (const value of take(ring, 5)) expect(value).toBe(expected++);
  }
  expect(ring.length).toBe(0);
});

it("grows without losing or reordering, also when wrapped", () => {
  const ring = new SampleRing(4, 64);
  ring.write(Int16Array.of(1, 2, 3));
  take(ring, 2);
  ring.write(Int16Array.of(4, 5, 6));
  ring.write(Int16Array.from({ length: 20 }, (_, i) => 7 + i));
  expect(take(ring, ring.length)).toEqual(Array.from({ length: 24 }, (_, i) => 3 + i));
});

it("takes what fits at its bound and says so", () => {
  const ring = new SampleRing(4, 6);
  expect(ring.write(Int16Array.of(1, 2, 3, 4))).toBe(4);
  expect(ring.write(Int16Array.of(5, 6, 7, 8))).toBe(2);
  expect(take(ring, 6)).toEqual([1, 2, 3, 4, 5, 6]);
});

it("is empty after clearing", () => {
  const ring = new SampleRing(4, 4);
  ring.write(Int16Array.of(1, 2));
  ring.clear();
  expect(ring.length).toBe(0);
  ring.write(Int16Array.of(9));
  expect(ring.shift()).toBe(9);
});
