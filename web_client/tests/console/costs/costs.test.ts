import { expect, it } from "vitest";
import { everyDay } from "../../../src/console/costs/every_day";
import { usd } from "../../../src/console/costs/usd";

it("shows fractions of a cent as what they are", () => {
  expect([0, 0.000006, 0.0123, 3.5].map(usd)).toEqual(["$0", "$0.000006", "$0.0123", "$3.50"]);
});

it("fills the days without use, over the end of a month", () => {
  const used = { day: "2026-03-01", calls: 2, failed: 0, unpriced: 0, cost_usd: 1 };
  const days = everyDay("2026-02-27", "2026-03-02", [used]);
  expect(days.map(({ day, calls }) => [day, calls])).toEqual([
    ["2026-02-27", 0],
    ["2026-02-28", 0],
    ["2026-03-01", 2],
    ["2026-03-02", 0],
  ]);
});
