import type { ReactElement } from "react";
import type { Costs } from "../api/types";
import { DayBars } from "../charts/day_bars";
import { everyDay } from "../charts/every_day";
import { usd } from "./usd";

const NOTHING = { calls: 0, failed: 0, unpriced: 0, cost_usd: 0 };

/** Each day's cost, or its requests as long as nothing costs anything. */
export function DayChart({ costs }: { costs: Costs }): ReactElement {
  const free = costs.cost_usd === 0;
  const bars = everyDay(costs.first, costs.last, costs.days, NOTHING).map(({ day, calls, cost_usd }) => ({
    day,
    size: free ? calls : cost_usd,
    told: `${usd(cost_usd)}, ${calls.toLocaleString()} requests`,
  }));
  return (
    <DayBars
      title={free ? "Requests by day (UTC)" : "Dollars by day (UTC)"}
      bars={bars}
      mark={(size) => (free ? size.toLocaleString() : usd(size))}
    />
  );
}
