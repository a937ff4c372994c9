import type { ReactElement } from "react";
import { dayInWords } from "./every_day";
import { axisUpTo } from "./spread";

export interface DayBar {
  day: string;
  size: number;
  /** Where within the bar the darker part ends. */
  part?: number;
  /** The day's figures, after its name. */
  told: string;
}

interface Props {
  title: string;
  bars: readonly DayBar[];
  /** What a bar's height and its darker part are, where it has one. */
  names?: { size: string; part: string };
  /** How a mark of the scale is written. */
  mark: (size: number) => string;
}

/** Bars, one a day, each telling its figures. */
export function DayBars({ title, bars, names, mark }: Props): ReactElement {
  const { top, ticks } = axisUpTo(Math.max(...bars.map(({ size }) => size)) || 1, 2);
  const share = (size: number): string => `${(100 * size) / top}%`;
  const [first, last] = [bars[0], bars.at(-1)];
  return (
    <figure className="days">
      <figcaption>{title}</figcaption>
      <div className="plot" role="img" aria-label={bars.map(({ day, told }) => `${day}: ${told}`).join("; ")}>
        {ticks.map((tick) => (
          <div key={tick} className="rule" style={{ bottom: share(tick) }}>
            <span>{mark(tick)}</span>
          </div>
        ))}
        <div className="bars">
          {bars.map(({ day, size, part, told }) => (
            <div key={day} className="day" title={`${dayInWords(day)}: ${told}`}>
              <i data-part={part === undefined ? undefined : "outer"} style={{ height: share(size) }} />
              {part !== undefined && <i style={{ height: share(part) }} />}
            </div>
          ))}
        </div>
      </div>
      <p className="scale" aria-hidden="true">
        <span style={{ left: "0%", transform: "none" }}>{first && dayInWords(first.day)}</span>
        <span style={{ left: "100%" }}>{last && dayInWords(last.day)}</span>
      </p>
      {names && (
        <p className="keys">
          <span className="key">
            <i /> {names.part}
          </span>
          <span className="key">
            <i data-part="outer" /> {names.size}
          </span>
        </p>
      )}
    </figure>
  );
}
