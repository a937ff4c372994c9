import { expect, it } from "vitest";
import { figuresOf, latenciesOf, roundedUp } from "../../../src/console/conversations/latency";

it("takes the turns that have a latency", () => {
  expect(
    latenciesOf([
      { item_id: "a", response_latency_ms: 300 },
      { item_id: "b", response_latency_ms: null },
    ]),
  ).toEqual([{ itemId: "a", ms: 300 }]);
});

it("gives nearest-rank percentiles", () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(figuresOf(values)).toEqual({ p50: 50, p95: 95, worst: 100 });
  expect(figuresOf([7])).toEqual({ p50: 7, p95: 7, worst: 7 });
  expect(figuresOf([])).toBeNull();
});

it.each([
  [0.2, 1],
  [1, 1],
  [312, 500],
  [500, 500],
  [612, 1_000],
  [1_300, 2_000],
])("tops a scale for %d with %d", (value, top) => {
  expect(roundedUp(value)).toBe(top);
});
