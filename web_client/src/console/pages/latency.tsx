import { type ReactElement, useCallback, useState } from "react";
import type { Channel, Latency } from "../api/types";
import type { PageProps } from "../app";
import { DayBars } from "../charts/day_bars";
import { everyDay, utcDay } from "../charts/every_day";
import { daysOf, type Span } from "../charts/span";
import { SpreadChart } from "../charts/spread_chart";
import { CHANNELS } from "../conversations/identity";
import { SlowestReplies } from "../latency/slowest";
import { StageTable } from "../latency/stage_table";
import { Card, Empty, Figure, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { Range } from "../range";
import { milliseconds } from "../times";

const EVERY_MS = 15_000;
const SLOWEST = 10;
const SPREAD_PARTS = 32;

/** How fast the agent answered, over all conversations: by day, by stage and provider, and where it was slowest. */
export function LatencyPage({ http }: PageProps): ReactElement {
  const [span, setSpan] = useState<Span>("30");
  const [spoken, setSpoken] = useState(true);
  const [channel, setChannel] = useState<Channel | "">("");
  const { value, error } = usePolling(
    useCallback(
      () => http.get<Latency>("/api/reports/latency", { ...daysOf(span, utcDay), spoken, channel, slowest: SLOWEST }),
      [http, span, spoken, channel],
    ),
    EVERY_MS,
  );
  return (
    <>
      <Card
        title="Response latency"
        aside={
          <p className="buttons">
            <select
              aria-label="Of which replies"
              value={String(spoken)}
              onChange={(event) => setSpoken(event.target.value === "true")}
            >
              <option value="true">To speech</option>
              <option value="false">To text</option>
            </select>
            <select
              aria-label="Of which channel"
              value={channel}
              onChange={(event) => setChannel(event.target.value as Channel | "")}
            >
              <option value="">All channels</option>
              {Object.entries(CHANNELS).map(([name, shown]) => (
                <option key={name} value={name}>
                  {shown}
                </option>
              ))}
            </select>
            <Range span={span} onChange={setSpan} utc />
          </p>
        }
      >
        <Problem error={error} />
        {!value && !error && <Loading />}
        {value && <Sum latency={value} />}
      </Card>
      {value && value.replies > 0 && (
        <div className="columns">
          <StageTable stages={value.stages} />
          <SlowestReplies slowest={value.slowest} />
        </div>
      )}
    </>
  );
}

const NOTHING = { replies: 0, p50_ms: 0, p95_ms: 0 };

function Sum({ latency }: { latency: Latency }): ReactElement {
  const { first, last, spoken, replies, p50_ms, p95_ms, spread, slowest } = latency;
  if (p50_ms === null || p95_ms === null) {
    return (
      <Empty title={spoken ? "Nobody was answered by voice in these days." : "Nobody was answered in these days."}>
        <p>
          <a href="/talk">Talk to the agent</a>: each reply is timed, from the end of the caller's {""}
          {spoken ? "speech" : "request"} to the first of it that can be {spoken ? "heard" : "read"}.
        </p>
      </Empty>
    );
  }
  const worst = slowest[0]?.turn.response_latency_ms ?? p95_ms;
  const bars = everyDay(first, last, latency.days, NOTHING).map((day) => ({
    day: day.day,
    size: day.p95_ms,
    part: day.p50_ms,
    told: day.replies === 0 ? "no replies" : dayTold(day),
  }));
  return (
    <>
      <dl className="figures">
        <Figure name="Median" value={milliseconds(p50_ms)} />
        <Figure name="95 % within" value={milliseconds(p95_ms)} />
        <Figure name="Slowest" value={milliseconds(worst)} />
        <Figure name="Replies" value={replies.toLocaleString()} />
      </dl>
      <div className="columns">
        {first !== last && (
          <DayBars
            title="How long a reply took, by day (UTC)"
            bars={bars}
            names={{ size: "95 % within", part: "median" }}
            mark={(ms) => (ms ? milliseconds(ms) : "0")}
          />
        )}
        <figure>
          <figcaption>How many replies took how long</figcaption>
          <SpreadChart
            values={spread.map((one) => ({ value: one.ms, count: one.replies }))}
            p50={p50_ms}
            p95={p95_ms}
            worst={worst}
            parts={SPREAD_PARTS}
          />
        </figure>
      </div>
    </>
  );
}

const dayTold = ({ p50_ms, p95_ms, replies }: Latency["days"][number]): string =>
  `median ${milliseconds(p50_ms)}, 95 % within ${milliseconds(p95_ms)}, ${replies.toLocaleString()} replies`;
