import type { ReactElement } from "react";
import type { RefineRound, TextProblem } from "../api/types";
import { CopyText } from "../copy_text";
import { usd } from "../costs/usd";
import { Badge, Card, Empty, Figure } from "../parts";
import { milliseconds } from "../times";
import type { Refined, RefineRun } from "./run";

/** What came out, and round by round how. */
export function RoundsView({ run }: { run: RefineRun | null }): ReactElement {
  if (!run) {
    return (
      <Card title="The better text">
        <Empty title="Nothing is refined yet.">
          <p>
            A critic reads your text, a writer mends what is wrong, until the critic is content. No fact is added that
            you did not give. Without models, rules do what they can.
          </p>
        </Empty>
      </Card>
    );
  }
  return (
    <div className="stack" aria-live="polite">
      <Card title="The better text" aside={run.doing && <small>{run.doing}</small>}>
        {run.running && <progress aria-label="Refining" className="wide" />}
        {run.error && (
          <p className="problem" role="alert">
            {run.error.message} <code>{run.error.code}</code>
          </p>
        )}
        {run.refined && <Outcome run={run} refined={run.refined} />}
      </Card>
      {run.rounds.length > 0 && (
        <Card title="Round by round">
          <ol className="rounds">
            {run.rounds.map((round) => (
              <Round key={round.number} round={round} />
            ))}
          </ol>
        </Card>
      )}
    </div>
  );
}

function Outcome({ run: { reply }, refined }: { run: RefineRun; refined: Refined }): ReactElement {
  return (
    <div className="refined">
      <CopyText label="the text" text={refined.text} />
      <dl className="figures">
        <Figure
          name="The critic"
          value={
            <Badge tone={refined.content ? "ok" : "degraded"}>{refined.content ? "content" : "not content"}</Badge>
          }
        />
        <Figure name="Score" value={`${refined.score} of 10`} />
        {reply && <Figure name="Took" value={milliseconds(reply.latency_ms)} />}
        {reply && <Figure name="Cost" value={usd(reply.cost_usd)} />}
        {reply && <Figure name="Engine" value={reply.engine} />}
      </dl>
      {refined.problems.length > 0 && (
        <section aria-label="What is left">
          <h3>What is left</h3>
          <Problems problems={refined.problems} />
        </section>
      )}
    </div>
  );
}

function Round({ round }: { round: RefineRound }): ReactElement {
  return (
    <li data-dropped={round.dropped}>
      <p>
        <b>Round {round.number}</b>{" "}
        <small>
          from {round.score_before} of 10, by {round.engine}
        </small>{" "}
        {round.dropped && <Badge tone="off">no better, dropped</Badge>}
      </p>
      <div className="round">
        <section aria-label="Found">
          <h3>Found</h3>
          <Problems problems={round.problems} />
        </section>
        <section aria-label="Done about it">
          <h3>Done about it</h3>
          {round.changes.length === 0 && <p className="muted">Nothing.</p>}
          <ul>
            {round.changes.map((change) => (
              <li key={change}>{change}</li>
            ))}
          </ul>
        </section>
      </div>
      <p className="round-text">{round.text}</p>
    </li>
  );
}

function Problems({ problems }: { problems: readonly TextProblem[] }): ReactElement {
  if (problems.length === 0) return <p className="muted">Nothing.</p>;
  return (
    <ul>
      {problems.map(({ code, message }) => (
        <li key={code + message}>{message}</li>
      ))}
    </ul>
  );
}
