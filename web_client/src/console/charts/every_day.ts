import type { DayCost } from "../api/types";

const DAY_MS = 86_400_000;

/** The days of a range one by one, those without use as zeros. Days are UTC days, `2026-01-31`. */
export function everyDay(first: string, last: string, used: readonly DayCost[]): DayCost[] {
  const known = new Map(used.map((day) => [day.day, day]));
  const days: DayCost[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    days.push(known.get(day) ?? { day, calls: 0, failed: 0, unpriced: 0, cost_usd: 0 });
  }
  return days;
}
