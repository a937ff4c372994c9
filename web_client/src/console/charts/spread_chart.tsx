import type { ReactElement } from "react";
import { milliseconds } from "../times";
import { type Counted, spreadOf } from "./spread";

const PARTS = 48;
/** Up to so many in one place each is a dot of its own. */
const MOST_DOTS = 8;

interface Props {
  /** Milliseconds. */
  values: readonly Counted[];
  p50: number;
  p95: number;
  worst: number;
  /** Of the axis, each with a bar of its own. */
  parts?: number;
}

/** How often which latency occurred: dots where they can be counted, else bars, with the percentiles as lines. */
export function SpreadChart({ values, p50, p95, worst, parts = PARTS }: Props): ReactElement {
  const { axis, bins, beyond } = spreadOf(values, p95, worst, parts);
  const highest = Math.max(...bins);
  const dots = highest <= MOST_DOTS;
  const at = (ms: number): string => `${(100 * ms) / axis.top}%`;
  const unit = axis.top >= 2000 ? "s" : "ms";
  const tick = (ms: number): string => (unit === "s" ? String(ms / 1000) : String(ms));
  const told = `Spread of latencies: half within ${milliseconds(p50)}, 95 % within ${milliseconds(p95)}, all within ${milliseconds(worst)}.`;
  return (
    <div className="spread">
      <div className={dots ? "plane dots" : "plane"} role="img" aria-label={told}>
        {bins.map((count, index) => {
          const from = (axis.top * index) / parts;
          const place = { left: at(from), width: `${100 / parts}%` };
          const title = `${milliseconds(from)} to ${milliseconds(from + axis.top / parts)}: ${count}`;
          if (count === 0) return null;
          return dots ? (
            <span key={from} className="pile" style={place} title={title}>
              {Array.from({ length: count }, (_, dot) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: dots have no identity but their place
                <i key={dot} />
              ))}
            </span>
          ) : (
            <span
              key={from}
              className="column"
              style={{ ...place, height: `${(100 * count) / highest}%` }}
              title={title}
            />
          );
        })}
        <Mark name="p50" words="median" left={at(p50)} late={p50 > 0.8 * axis.top} />
        <Mark name="p95" words="95 %" left={at(p95)} late={p95 > 0.8 * axis.top} />
      </div>
      <p className="ticks" aria-hidden="true">
        {axis.ticks.map((ms, index) => (
          <span key={ms} style={{ left: at(ms) }}>
            {tick(ms)}
            {index === axis.ticks.length - 1 && ` ${unit}`}
          </span>
        ))}
      </p>
      {beyond > 0 && (
        <p className="muted">
          {beyond.toLocaleString()} slower than {milliseconds(axis.top)}, up to {milliseconds(worst)}
        </p>
      )}
    </div>
  );
}

function Mark({
  name,
  words,
  left,
  late,
}: {
  name: "p50" | "p95";
  words: string;
  left: string;
  late: boolean;
}): ReactElement {
  return (
    <b className="mark" data-mark={name} data-late={late} style={{ left }}>
      <span>{words}</span>
    </b>
  );
}
