import type { ReactElement } from "react";
import type { ConversationTurn } from "../api/types";
import { extent, stagesOf, type TurnStages } from "./stages";

const MOST = 12;

/** Where the time of the latest turns went: a row each, on one scale that begins at the end of the caller's speech. */
export function StageChart({ turns }: { turns: readonly ConversationTurn[] }): ReactElement | null {
  const rows = stagesOf(turns);
  const shown = rows.slice(-MOST);
  if (!shown.some(({ stages }) => stages.length > 0)) return null;
  const { from, to } = extent(shown);
  const at = (ms: number): string => `${(100 * (ms - from)) / (to - from)}%`;
  return (
    <figure className="stages">
      <figcaption>
        Where the time went <Key name="Words settled" /> <Key name="Model's first token" />{" "}
        <Key name="Voice's first audio" /> <Line name="end">turn over</Line> <Line name="reply">reply</Line>
      </figcaption>
      <ol>
        {shown.map((turn, index) => (
          <Row key={turn.itemId} turn={turn} number={rows.length - shown.length + index + 1} at={at} />
        ))}
      </ol>
      <p className="scale" aria-hidden="true">
        <span style={{ left: at(0) }}>0</span>
        <span style={{ left: at(to) }}>{Math.round(to)} ms</span>
      </p>
    </figure>
  );
}

function Key({ name }: { name: string }): ReactElement {
  return (
    <span className="key">
      <i data-stage={name} /> {name}
    </span>
  );
}

function Line({ name, children }: { name: "end" | "reply"; children: string }): ReactElement {
  return (
    <span className="key">
      <b className="key-line" data-line={name} /> {children}
    </span>
  );
}

function Row({ turn, number, at }: { turn: TurnStages; number: number; at: (ms: number) => string }): ReactElement {
  const parts = turn.stages.map(({ name, from, to }) => `${name} ${Math.round(from)} to ${Math.round(to)} ms`);
  const told = `Turn ${number}: ${[...parts, `reply after ${Math.round(turn.reply)} ms`].join(", ")}.`;
  return (
    <li title={told}>
      <span className="sr">{told}</span>
      <b aria-hidden="true">{number}</b>
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
