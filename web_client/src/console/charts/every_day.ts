const DAY_MS = 86_400_000;

/** The days of a range one by one, those nothing is known of as `nothing`. Days are UTC days, `2026-01-31`. */
export function everyDay<T extends { day: string }>(
  first: string,
  last: string,
  known: readonly T[],
  nothing: Omit<T, "day">,
): T[] {
  const knownBy = new Map(known.map((one) => [one.day, one]));
  const days: T[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    days.push(knownBy.get(day) ?? ({ ...nothing, day } as T));
  }
  return days;
}

/** The UTC day so many days ago. */
export const utcDay = (daysAgo: number): string => new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10);

/** A UTC day as a person writes it. */
export function dayInWords(day: string): string {
  return new Date(day).toLocaleDateString(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
}
