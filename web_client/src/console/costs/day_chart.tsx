import type { ReactElement } from "react";
import type { Costs } from "../api/types";
import { everyDay } from "./every_day";
import { usd } from "./usd";

/** Bars, one a day: its cost, or its requests as long as nothing costs anything. */
export function DayChart({ costs }: { costs: Costs }): ReactElement {
  const days = everyDay(costs.first, costs.last, costs.days);
  const free = costs.cost_usd === 0;
  const sizes = days.map((day) => (free ? day.calls : day.cost_usd));
  const top = Math.max(...sizes) || 1;
  const told = (index: number): string => {
    const day = days[index];
    return day ? `${day.day}: ${usd(day.cost_usd)}, ${day.calls} requests` : "";
  };
  return (
    <figure className="days">
      <figcaption>{free ? "Requests a day" : "Dollars a day"}</figcaption>
      <div className="plot" role="img" aria-label={days.map((_, index) => told(index)).join("; ")}>
        <div className="rule" style={{ bottom: "100%" }}>
          <span>{free ? top : usd(top)}</span>
        </div>
        <div className="rule" style={{ bottom: "0%" }}>
          <span>0</span>
        </div>
        <div className="bars">
          {sizes.map((size, index) => (
            <div
              key={days[index]?.day}
              className="bar"
              style={{ height: `${(100 * size) / top}%` }}
              title={told(index)}
            />
          ))}
        </div>
      </div>
      <p className="scale" aria-hidden="true">
        <span style={{ left: "0%", transform: "none" }}>{costs.first}</span>
        <span style={{ left: "100%" }}>{costs.last}</span>
      </p>
    </figure>
  );
}
