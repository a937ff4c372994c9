/** The days a report is about: today, the day before, or the last so many with today. */
export const SPANS = [
  ["today", "Today"],
  ["yesterday", "Yesterday"],
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
] as const;
export type Span = (typeof SPANS)[number][0];

/** The first and the last day of it; `dayAgo` gives the day (`2026-01-31`) so many days ago. */
export function daysOf(span: Span, dayAgo: (days: number) => string): { first: string; last: string } {
  if (span === "yesterday") return { first: dayAgo(1), last: dayAgo(1) };
  return { first: dayAgo(span === "today" ? 0 : Number(span) - 1), last: dayAgo(0) };
}
