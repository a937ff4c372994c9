import { expect, it } from "vitest";
import { everyDay } from "../../../src/console/charts/every_day";

it("fills the days nothing is known of, over the end of a month", () => {
  const days = everyDay("2026-02-27", "2026-03-02", [{ day: "2026-03-01", calls: 2 }], { calls: 0 });
  expect(days.map(({ day, calls }) => [day, calls])).toEqual([
    ["2026-02-27", 0],
    ["2026-02-28", 0],
    ["2026-03-01", 2],
    ["2026-03-02", 0],
  ]);
});
