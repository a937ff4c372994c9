import { expect, it } from "vitest";
import { figuresOf, latenciesOf } from "../../../src/console/conversations/latency";

it("leaves out turns without a latency", () => {
  const turns = [
    { item_id: "a", response_latency_ms: 300 },
    { item_id: "b", response_latency_ms: null },
  ];
  expect(latenciesOf(turns)).toEqual([300]);
});

it("gives nearest-rank percentiles", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(figuresOf(values)).toEqual({ p50: 50, p95: 95, worst: 100 });
  expect(figuresOf([7])).toEqual({ p50: 7, p95: 7, worst: 7 });
  expect(figuresOf([])).toBeNull();
});
