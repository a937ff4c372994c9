import type { ReactElement } from "react";
import type { HourOfAttempts } from "../api/types";

const HOUR_MS = 3_600_000;
const HOURS = 24;

/** The last hours up to `now` (milliseconds of the epoch), those without an attempt too. */
export function lastHours(known: readonly HourOfAttempts[], now: number): HourOfAttempts[] {
  const knownBy = new Map(known.map((one) => [Date.parse(one.hour), one]));
  const last = Math.floor(now / HOUR_MS) * HOUR_MS;
  return Array.from({ length: HOURS }, (_, index) => {
    const at = last - (HOURS - 1 - index) * HOUR_MS;
    return knownBy.get(at) ?? { hour: new Date(at).toISOString(), delivered: 0, failed: 0 };
  });
}

/** How the attempts of the last day went, a bar an hour. */
export function HourBars({ hours }: { hours: readonly HourOfAttempts[] }): ReactElement {
  const shown = lastHours(hours, Date.now());
  const most = Math.max(1, ...shown.map(({ delivered, failed }) => delivered + failed));
  const sum = (of: "delivered" | "failed"): string =>
    shown.reduce((total, hour) => total + hour[of], 0).toLocaleString();
  const told = `${sum("delivered")} delivered, ${sum("failed")} failed in the last day`;
  const share = (count: number): string => `${(100 * count) / most}%`;
  return (
    <figure className="hours">
      <div role="img" aria-label={told}>
        {shown.map(({ hour, delivered, failed }) => (
          <span key={hour} title={`${clock(hour)}: ${delivered} delivered, ${failed} failed`}>
            <i data-part="failed" style={{ height: share(failed) }} />
            <i style={{ height: share(delivered) }} />
          </span>
        ))}
      </div>
      <figcaption>{told}</figcaption>
    </figure>
  );
}

const clock = (hour: string): string => new Date(hour).toLocaleTimeString(undefined, { timeStyle: "short" });
