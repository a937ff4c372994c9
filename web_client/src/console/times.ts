const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** How long ago a moment (RFC 3339) was, in words; `now` in milliseconds of the epoch. */
export function ago(moment: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(moment)) / 1000);
  if (seconds < 45) return "just now";
  if (seconds < HOUR_S) return `${Math.max(1, Math.round(seconds / MINUTE_S))} min ago`;
  if (seconds < DAY_S) return `${Math.round(seconds / HOUR_S)} h ago`;
  const [then, today] = [new Date(moment), new Date(now)];
  const year = then.getFullYear() === today.getFullYear() ? undefined : "numeric";
  return then.toLocaleDateString(undefined, { day: "numeric", month: "short", year });
}

/** As `ago`, and to the minute where it is longer than an hour ago: for what has to be put in order. */
export function agoToTheMinute(moment: string, now: number): string {
  if (now - Date.parse(moment) < 1000 * HOUR_S) return ago(moment, now);
  const then = new Date(moment);
  const year = then.getFullYear() === new Date(now).getFullYear() ? undefined : "numeric";
  return then.toLocaleString(undefined, { day: "numeric", month: "short", year, hour: "numeric", minute: "2-digit" });
}

/** A moment as an appointment is written, in the reader's own time zone. */
export function moment(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** The day (`2026-01-31`) so many days ago, in the reader's own time zone. */
export function localDay(daysAgo: number): string {
  const at = new Date();
  at.setDate(at.getDate() - daysAgo);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** A moment to the second, in the reader's own time zone. */
export function exact(moment: string): string {
  return new Date(moment).toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
}

/** The time between two moments, as minutes and seconds, with hours where it comes to them. */
export function lasted(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  const two = (part: number): string => String(part).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / HOUR_S), Math.floor((seconds % HOUR_S) / MINUTE_S)];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % MINUTE_S)}` : `${minutes}:${two(seconds % MINUTE_S)}`;
}

/** A length of time in the largest unit that says enough. */
export function duration(seconds: number): string {
  if (seconds < MINUTE_S) return `${Math.round(seconds)} s`;
  if (seconds < HOUR_S) return `${Math.round(seconds / MINUTE_S)} min`;
  if (seconds < 2 * DAY_S) return `${Math.round(seconds / HOUR_S)} h`;
  return `${Math.round(seconds / DAY_S)} days`;
}

/** Milliseconds, as seconds where they are many: `420 ms`, `1.24 s`, `31 s`. */
export function milliseconds(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  return `${seconds < 10 ? seconds.toFixed(2) : Math.round(seconds).toLocaleString()} s`;
}
