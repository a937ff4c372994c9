export interface Day<T> {
  /** As the reader writes it. */
  day: string;
  items: T[];
}

/** What begins on the same day in the reader's time zone, in the order given. */
export function byDay<T extends { start: string }>(items: readonly T[]): Day<T>[] {
  const days: Day<T>[] = [];
  for (const item of items) {
    const day = dayOf(item.start);
    const last = days.at(-1);
    if (last?.day === day) last.items.push(item);
    else days.push({ day, items: [item] });
  }
  return days;
}

/** The time of the day of a moment, in the reader's time zone. */
export function clock(at: string): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit" });
}

function dayOf(at: string): string {
  const then = new Date(at);
  const year = then.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return then.toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long", year });
}
