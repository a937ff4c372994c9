import type { ReactElement } from "react";
import type { ConversationTurn } from "../api/types";
import { milliseconds } from "../times";
import { itemPlace } from "./items";
import { StageBars } from "./stage_bars";
import { extent, figuresByStage, STAGES, type StageName, slowest, stagesOf, type TurnStages } from "./stages";

/** Up to so many turns are shown one by one. */
const MOST_ROWS = 12;
const SLOWEST = 5;

/** Where the time of the replies went: each turn by itself, or of many the stages' figures and the slowest turns. */
export function StageChart({ turns }: { turns: readonly ConversationTurn[] }): ReactElement | null {
  const rows = stagesOf(turns);
  if (!rows.some(({ stages }) => stages.length > 0)) return null;
  const many = rows.length > MOST_ROWS;
  return (
    <figure className="stages">
      <figcaption>Where the time went</figcaption>
      {many && <StageBars figures={figuresByStage(rows)} />}
      {many && <p className="figure-part">The slowest replies</p>}
      <Rows turns={many ? slowest(rows, SLOWEST) : rows} />
    </figure>
  );
}

/** A row each, on one scale that begins at the end of the caller's speech. */
function Rows({ turns }: { turns: readonly TurnStages[] }): ReactElement {
  const { from, to } = extent(turns);
  const at = (ms: number): string => `${(100 * (ms - from)) / (to - from)}%`;
  return (
    <>
      <p className="keys">
        {(Object.keys(STAGES) as StageName[]).map((name) => (
          <span key={name} className="key">
            <i data-stage={name} /> {STAGES[name]}
          </span>
        ))}
        <Line name="end">turn over</Line> <Line name="reply">reply</Line>
      </p>
      <ol>
        {turns.map((turn) => (
          <Row key={turn.itemId} turn={turn} at={at} />
        ))}
      </ol>
      <p className="scale" aria-hidden="true">
        <span style={{ left: at(0) }}>0</span>
        <span style={{ left: at(to) }}>{milliseconds(to)}</span>
      </p>
    </>
  );
}

function Line({ name, children }: { name: "end" | "reply"; children: string }): ReactElement {
  return (
    <span className="key">
      <b className="key-line" data-line={name} /> {children}
    </span>
  );
}

function Row({ turn, at }: { turn: TurnStages; at: (ms: number) => string }): ReactElement {
  const parts = turn.stages.map(({ name, from, to }) => `${STAGES[name]} ${Math.round(from)} to ${Math.round(to)} ms`);
  const told = `Turn ${turn.number}: ${[...parts, `reply after ${milliseconds(turn.reply)}`].join(", ")}.`;
  const show = (): void => document.getElementById(itemPlace(turn.itemId))?.scrollIntoView({ block: "center" });
  return (
    <li title={told}>
      <button type="button" className="plain" aria-label={`${told} Show it`} onClick={show}>
        {turn.number}
      </button>
      <div aria-hidden="true">
        {turn.stages.map(({ name, from, to }) => (
          <i key={name} data-stage={name} style={{ left: at(from), width: `calc(${at(to)} - ${at(from)})` }} />
        ))}
        {turn.turnEnd !== null && <i data-line="end" style={{ left: at(turn.turnEnd) }} />}
        <i data-line="reply" style={{ left: at(turn.reply) }} />
      </div>
    </li>
  );
}
