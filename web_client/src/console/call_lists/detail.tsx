import { type ReactElement, useCallback } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { CallList } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { DetailPage } from "../detail_page";
import { useMove } from "../move";
import { Badge, Card, Problem } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { moment } from "../times";
import { ResultBar } from "./bars";
import { EntriesCard } from "./entries";
import { pauseTold, reasonsTold, STATUS_NAMES, STATUS_TONES, termsTold, whomTold } from "./names";
import { Pace } from "./pace";
import { FiguresCard } from "./results";

const SOON_MS = 1_000;
const EVERY_MS = 6_000;

const isBusy = ({ status, people }: CallList): boolean => status === "running" || people.calling > 0;
const pace = (list: CallList): number => (isBusy(list) ? SOON_MS : EVERY_MS);

/** One call list: how far it is, what can be done with it, what came of it, its people. */
export function CallListDetail({ http, id }: { http: Http; id: string }): ReactElement {
  const place = `/api/call-lists/${encodeURIComponent(id)}`;
  const polled = usePolling(
    useCallback(() => http.get<CallList>(place), [http, place]),
    pace,
  );
  const { error, again } = polled;
  return (
    <DetailPage page="call_lists" all="All call lists" title="Call list" polled={polled}>
      {(list) => (
        <>
          <Card title={list.name} aside={<Badge tone={STATUS_TONES[list.status]}>{STATUS_NAMES[list.status]}</Badge>}>
            <Problem error={error} />
            <Progress list={list} />
            <Steps http={http} place={place} list={list} onChanged={again} />
            {list.status !== "stopped" && list.status !== "finished" && (
              <Pace key={paceOf(list)} http={http} place={place} list={list} onChanged={again} />
            )}
          </Card>
          <FiguresCard http={http} place={place} isBusy={isBusy(list)} />
          <EntriesCard http={http} place={place} list={list} isBusy={isBusy(list)} onChanged={again} />
        </>
      )}
    </DetailPage>
  );
}

/** What was changed elsewhere is shown. */
const paceOf = ({ at_once, per_hour, attempts, agent, reason }: CallList): string =>
  `${at_once} ${per_hour} ${attempts} ${agent} ${reason === "agent_deleted"}`;

function Progress({ list }: { list: CallList }): ReactElement {
  const leftOut = reasonsTold(list.left_out);
  return (
    <div className="campaign-progress">
      <p>About {list.purpose}</p>
      <p className="muted">
        For {whomTold(list)}. {termsTold(list)}
      </p>
      <section aria-label="How far it is">
        <ResultBar list={list} keys />
      </section>
      {leftOut && <p className="muted">Left out: {leftOut}.</p>}
    </div>
  );
}

interface Props {
  http: Http;
  place: string;
  list: CallList;
  onChanged: () => void;
}

/** What can be done next with a list that is as it is. */
function Steps({ http, place, list, onChanged }: Props): ReactElement {
  const { status, reason, people, archived_at } = list;
  const move = useMove(http, place, onChanged);
  const remove = useAction(
    useCallback(async () => {
      await http.send("DELETE", place);
      location.hash = linkTo("call_lists");
    }, [http, place]),
  );
  const isOver = status === "stopped" || status === "finished";
  return (
    <div className="campaign-steps">
      {status === "draft" && <p>Nobody is called yet.</p>}
      {status === "paused" && <p>{pauseTold(reason)}</p>}
      {status !== "draft" && !(isOver && people.calling === 0) && (
        <p className="progress" role="status">
          <progress aria-label="Done" max={people.waiting + people.calling + people.done || 1} value={people.done} />
          <small>{toGo(list)}</small>
        </p>
      )}
      <div className="buttons">
        {status === "draft" && (
          <ConfirmButton
            primary
            question="Their telephones ring from now on."
            yes={people.waiting === 1 ? "Call 1 person" : `Call ${people.waiting.toLocaleString()} people`}
            disabled={move.busy || people.waiting === 0}
            onConfirm={() => void move.run("start")}
          >
            Start
          </ConfirmButton>
        )}
        {status === "paused" && (
          <button type="button" className="primary" disabled={move.busy} onClick={() => void move.run("start")}>
            Go on
          </button>
        )}
        {status === "running" && (
          <button type="button" disabled={move.busy} onClick={() => void move.run("pause")}>
            Pause
          </button>
        )}
        {!isOver && status !== "draft" && (
          <ConfirmButton
            question="Nobody is called any more, for good. Calls under way end by themselves."
            yes="Stop it"
            disabled={move.busy}
            onConfirm={() => void move.run("stop")}
          >
            Stop
          </ConfirmButton>
        )}
        {(isOver || archived_at) && (
          <button
            type="button"
            disabled={move.busy}
            onClick={() => void move.run(archived_at ? "unarchive" : "archive")}
          >
            {archived_at ? "Take it out of the archive" : "Archive"}
          </button>
        )}
        {(isOver || status === "draft") && people.calling === 0 && (
          <ConfirmButton
            question={
              isOver
                ? "Who was on it, and what came of each, goes. The calls and their conversations stay."
                : "Nobody was called for it."
            }
            yes="Delete it"
            disabled={remove.busy}
            onConfirm={() => void remove.run()}
          >
            Delete
          </ConfirmButton>
        )}
      </div>
      <Problem error={move.error ?? remove.error} />
    </div>
  );
}

function toGo({ status, people, next_at }: CallList): string {
  const told = [`${(people.waiting + people.calling).toLocaleString()} to go`];
  if (people.calling > 0) told.push(`${people.calling.toLocaleString()} on the line`);
  const isLater = next_at !== null && Date.parse(next_at) > Date.now();
  if (status === "running" && people.calling === 0 && isLater) told.push(`next ${moment(next_at)}`);
  return told.join(" · ");
}
