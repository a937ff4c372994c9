import type { ReactElement } from "react";
import type { ConversationTurn } from "../api/types";
import { SpreadChart } from "../charts/spread_chart";
import { Empty } from "../parts";
import { milliseconds } from "../times";
import { figuresOf, latenciesOf } from "./latency";

/** How fast the replies of a conversation came: the figures, and from two replies on how they spread. */
export function LatencyChart({ turns }: { turns: readonly ConversationTurn[] }): ReactElement {
  const latencies = latenciesOf(turns);
  const figures = figuresOf(latencies);
  if (!figures) {
    return (
      <Empty title="No reply was timed yet.">
        <p>Once the agent has answered, the time from the end of the caller's words to its first sound is here.</p>
      </Empty>
    );
  }
  const { p50, p95, worst } = figures;
  return (
    <figure className="latency">
      <figcaption title="From the end of the caller's words to the first sound of the reply at the caller">
        Response latency{" "}
        {latencies.length === 1 ? (
          <b>{milliseconds(worst)}</b>
        ) : (
          <>
            <b>{milliseconds(p50)}</b> median · 95 % within <b>{milliseconds(p95)}</b> · <b>{milliseconds(worst)}</b>{" "}
            slowest of {latencies.length.toLocaleString()} replies
          </>
        )}
      </figcaption>
      {latencies.length > 1 && (
        <SpreadChart values={latencies.map((value) => ({ value, count: 1 }))} p50={p50} p95={p95} worst={worst} />
      )}
    </figure>
  );
}
