import { type ReactElement, useCallback, useState } from "react";
import type { Http } from "../api/http";
import type { CallOutcome, CallReport } from "../api/types";
import { daysOf, type Span } from "../charts/span";
import { axisUpTo } from "../charts/spread";
import { Card, Empty, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { Range } from "../range";
import { localDay } from "../times";
import { codeName, OUTCOME_NAMES, OUTCOMES } from "./names";

const EVERY_MS = 15_000;
const HOURS = 24;
const MARKS = [0, 6, 12, 18, 24];

/** When people were called, and what became of it. */
export function HoursCard({ http }: { http: Http }): ReactElement {
  const [span, setSpan] = useState<Span>("30");
  const { value, error } = usePolling(
    useCallback(() => {
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      return http.get<CallReport>("/api/reports/calls", { ...daysOf(span, localDay), time_zone: timeZone });
    }, [http, span]),
    EVERY_MS,
  );
  return (
    <Card title="When people answer" aside={<Range span={span} onChange={setSpan} />}>
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value?.calls === 0 && (
        <Empty title="Nobody was called in these days.">
          <p>Calls show up here by the hour of the day, with what became of them.</p>
        </Empty>
      )}
      {value && value.calls > 0 && <Hours report={value} />}
    </Card>
  );
}

type ByOutcome = Partial<Record<CallOutcome, number>>;

/** Calls by the hour of the day, each hour's by what became of them. */
export function HourBars({ hours: counted }: Pick<CallReport, "hours">): ReactElement {
  const hours: ByOutcome[] = Array.from({ length: HOURS }, () => ({}));
  for (const { hour, outcome, calls } of counted) (hours[hour] ?? {})[outcome] = calls;
  const sums = OUTCOMES.map(
    (outcome) => [outcome, hours.reduce((sum, of) => sum + (of[outcome] ?? 0), 0)] as const,
  ).filter(([, calls]) => calls > 0);
  const { top, ticks } = axisUpTo(Math.max(...hours.map(sumOf)), 2);
  const told = hours.map((of, hour) => (sumOf(of) ? `${hourTold(hour)}: ${outcomesTold(of)}` : "")).filter(Boolean);
  return (
    <>
      <figure className="days call-hours">
        <figcaption>Calls by hour of the day, by your clock</figcaption>
        <div className="plot" role="img" aria-label={told.join("; ")}>
          {ticks.filter(Number.isInteger).map((tick) => (
            <div key={tick} className="rule" style={{ bottom: `${(100 * tick) / top}%` }}>
              <span>{tick.toLocaleString()}</span>
            </div>
          ))}
          <div className="bars">
            {hours.map((of, hour) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an hour's place is its identity
              <div key={hour} className="hour" title={`${hourTold(hour)}: ${outcomesTold(of) || "no calls"}`}>
                {OUTCOMES.map(
                  (outcome) =>
                    of[outcome] && (
                      <i key={outcome} data-outcome={outcome} style={{ height: `${(100 * of[outcome]) / top}%` }} />
                    ),
                )}
              </div>
            ))}
          </div>
        </div>
        <p className="scale" aria-hidden="true">
          {MARKS.map((hour) => (
            <span key={hour} style={{ left: `${(100 * hour) / HOURS}%` }}>
              {hour}:00
            </span>
          ))}
        </p>
      </figure>
      <ul className="part-keys">
        {sums.map(([outcome, calls]) => (
          <li key={outcome}>
            <i data-outcome={outcome} />
            {OUTCOME_NAMES[outcome]} <b>{calls.toLocaleString()}</b>
          </li>
        ))}
      </ul>
    </>
  );
}

function Hours({ report }: { report: CallReport }): ReactElement {
  return (
    <>
      <HourBars hours={report.hours} />
      {report.codes.length > 0 && (
        <p className="muted">
          Not made: {report.codes.map(({ code, calls }) => `${calls.toLocaleString()} ${codeName(code)}`).join(" · ")}
        </p>
      )}
    </>
  );
}

const sumOf = (of: ByOutcome): number => Object.values(of).reduce((sum, calls) => sum + calls, 0);

const hourTold = (hour: number): string => `${hour}:00 to ${hour + 1}:00`;

const outcomesTold = (of: ByOutcome): string =>
  OUTCOMES.filter((outcome) => of[outcome])
    .map((outcome) => `${of[outcome]} ${OUTCOME_NAMES[outcome].toLowerCase()}`)
    .join(", ");
