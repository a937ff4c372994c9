import { expect, it } from "vitest";
import { axisUpTo, spreadOf } from "../../../src/console/charts/spread";

it.each([
  [1, [0, 0.25, 0.5, 0.75, 1]],
  [380, [0, 100, 200, 300, 400]],
  [1100, [0, 500, 1000, 1500]],
  [4000, [0, 1000, 2000, 3000, 4000]],
])("an axis up to %d ends not far beyond it", (most, ticks) => {
  expect(axisUpTo(most).ticks).toEqual(ticks);
  expect(axisUpTo(most).top).toBe(ticks.at(-1));
});

it("counts every value once, the one at the end of the axis too", () => {
  const values = [0, 10, 199, 200].map((value) => ({ value, count: 1 }));
  const { axis, bins, beyond } = spreadOf(values, 200, 200, 4);
  expect([axis.top, bins, beyond]).toEqual([200, [2, 0, 0, 2], 0]);
});

it("leaves outliers off the axis, and says how many", () => {
  const values = [
    { value: 100, count: 99 },
    { value: 60_000, count: 1 },
  ];
  const { axis, bins, beyond } = spreadOf(values, 100, 60_000, 10);
  expect(axis.top).toBe(300);
  expect(bins.reduce((sum, count) => sum + count)).toBe(99);
  expect(beyond).toBe(1);
});

it("has an axis where every reply came at once", () => {
  expect(spreadOf([{ value: 0, count: 3 }], 0, 0, 4).bins).toEqual([3, 0, 0, 0]);
});
