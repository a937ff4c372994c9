import { expect, it } from "vitest";
import { daysOf, SPANS } from "../../../src/console/charts/span";

it("a report is about today, the day before, or the last so many days with today", () => {
  const days = SPANS.map(([span]) => Object.values(daysOf(span, String)));
  expect(days).toEqual([
    ["0", "0"],
    ["1", "1"],
    ["6", "0"],
    ["29", "0"],
    ["89", "0"],
  ]);
});
