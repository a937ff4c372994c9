import type { ReactElement } from "react";
import type { ConversationTurn } from "../api/types";
import { figuresOf, latenciesOf, roundedUp } from "./latency";

/** Response latency of each turn as bars, with the median as a line. */
export function LatencyChart({ turns }: { turns: readonly ConversationTurn[] }): ReactElement | null {
  const latencies = latenciesOf(turns);
  const figures = figuresOf(latencies.map(({ ms }) => ms));
  if (!figures) return null;
  const top = roundedUp(figures.worst);
  const percent = (ms: number): string => `${(100 * ms) / top}%`;
  const [p50, p95, worst] = [figures.p50, figures.p95, figures.worst].map(Math.round);
  const words = `Response latency of ${latencies.length} turns: median ${p50} ms, 95th percentile ${p95} ms, worst ${worst} ms.`;
  return (
    <figure>
      <figcaption>
        Response latency <b>{p50} ms</b> median · <b>{p95} ms</b> p95
      </figcaption>
      <div className="plot" role="img" aria-label={words}>
        {[0, top / 2, top].map((ms) => (
          <div key={ms} className="rule" style={{ bottom: percent(ms) }}>
            <span>{ms}</span>
          </div>
        ))}
        <div className="bars">
          {latencies.map(({ itemId, ms }, index) => (
            <div
              key={itemId}
              className={ms > 2 * figures.p50 ? "bar slow" : "bar"}
              style={{ height: percent(ms) }}
              title={`Turn ${index + 1}: ${Math.round(ms)} ms`}
            />
          ))}
        </div>
        <div className="rule median" style={{ bottom: percent(figures.p50) }} />
      </div>
    </figure>
  );
}
