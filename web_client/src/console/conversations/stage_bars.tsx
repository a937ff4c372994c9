import type { ReactElement } from "react";
import { milliseconds } from "../times";
import { STAGES, type StageFigures } from "./stages";

/** How long each stage takes: the median as a bar, and a fainter one up to the 95th percentile. */
export function StageBars({ figures }: { figures: readonly StageFigures[] }): ReactElement {
  const longest = Math.max(1, ...figures.map(({ p95 }) => p95));
  const share = (ms: number): string => `${(100 * ms) / longest}%`;
  return (
    <dl className="stage-bars">
      {figures.map(({ name, p50, p95 }) => (
        <div key={name}>
          <dt>{STAGES[name]}</dt>
          <dd className="bar-of-two" data-stage={name} aria-hidden="true">
            <i style={{ width: share(p95) }} />
            <i style={{ width: share(p50) }} />
          </dd>
          <dd>
            <b>{milliseconds(p50)}</b> <small>p95 {milliseconds(p95)}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}
