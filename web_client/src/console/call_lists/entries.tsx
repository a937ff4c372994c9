import { type ReactElement, useCallback, useState } from "react";
import type { Http } from "../api/http";
import type { CallList, CallListEntry, PeopleCounts } from "../api/types";
import { STATUS_NAMES as CALL_NAMES, codeName } from "../calls/names";
import { nameOf } from "../conversations/identity";
import { Ago } from "../moment";
import { MoreRows } from "../more_rows";
import { usePages } from "../paging";
import { Card, Empty, Loading, Problem } from "../parts";
import { linkTo } from "../router";
import { type Column, Table } from "../table";
import { moment } from "../times";
import { RESULT_NAMES, reasonName } from "./names";
import { Next, type NextProps } from "./take_in";

const SOON_MS = 2_000;
const EVERY_MS = 10_000;
const LIMIT = 50;

const KINDS: readonly (keyof PeopleCounts)[] = ["calling", "waiting", "done", "left_out"];

const KIND_NAMES: Record<keyof PeopleCounts, string> = {
  calling: "Being called",
  waiting: "To be called",
  done: "Done",
  left_out: "Left out",
};

interface Props {
  http: Http;
  place: string;
  list: CallList;
  isBusy: boolean;
  onChanged: () => void;
}

/** The people of a list, with their calls. */
export function EntriesCard({ http, place, list: { people, status }, isBusy, onChanged }: Props): ReactElement {
  const [chosen, setKind] = useState<keyof PeopleCounts | null>(null);
  const kind = chosen ?? (people.waiting === 0 && people.done > 0 ? "done" : "waiting");
  return (
    <Card title="People">
      <div className="kinds" role="radiogroup" aria-label="Which people">
        {KINDS.map((each) => (
          <label key={each} data-chosen={each === kind}>
            <input type="radio" name="kind" className="sr" checked={each === kind} onChange={() => setKind(each)} />
            {KIND_NAMES[each]} <b>{people[each].toLocaleString()}</b>
          </label>
        ))}
      </div>
      <Listed
        key={kind}
        http={http}
        place={place}
        kind={kind}
        isBusy={isBusy}
        isOver={status === "stopped" || status === "finished"}
        onTakenIn={onChanged}
      />
    </Card>
  );
}

const idOf = ({ id }: CallListEntry): string => id;

interface ListedProps {
  http: Http;
  place: string;
  kind: keyof PeopleCounts;
  isBusy: boolean;
  isOver: boolean;
  onTakenIn: () => void;
}

function Listed({ http, place, kind, isBusy, isOver, onTakenIn }: ListedProps): ReactElement {
  const page = usePages<CallListEntry>(
    useCallback(
      (cursor: string | null) => http.get(`${place}/entries`, { status: kind, limit: LIMIT, cursor }),
      [http, place, kind],
    ),
    idOf,
    isBusy ? SOON_MS : EVERY_MS,
  );
  const { rows, error } = page;
  const onChanged = (id: string): void => {
    page.gone(id);
    page.again();
    onTakenIn();
  };
  return (
    <>
      <Problem error={error} />
      {!rows && !error && <Loading />}
      {rows?.length === 0 && <Empty title="Nobody." />}
      {rows && rows.length > 0 && (
        <Table
          name={KIND_NAMES[kind]}
          rows={rows}
          keyOf={idOf}
          columns={columnsOf({ http, place, isOver, onChanged })}
        />
      )}
      <MoreRows {...page} />
    </>
  );
}

const columnsOf = (about: Omit<NextProps, "entry">): Column<CallListEntry>[] => [
  { head: "Who", cell: (entry) => <Whom entry={entry} /> },
  {
    head: "How it stands",
    cell: (entry) => (
      <>
        <Became entry={entry} /> <Next {...about} entry={entry} />
      </>
    ),
  },
  { head: "Calls", cell: (entry) => <Calls entry={entry} /> },
];

function Whom({ entry }: { entry: CallListEntry }): ReactElement {
  const name = nameOf(entry);
  const told = name ?? entry.contact_phone ?? "Nobody any more";
  return (
    <>
      {entry.lead_id ? <a href={linkTo("leads", entry.lead_id)}>{told}</a> : told}
      {name && entry.contact_phone && (
        <>
          <br />
          <small>{entry.contact_phone}</small>
        </>
      )}
    </>
  );
}

function Became({ entry: { status, result, reason, next_at } }: { entry: CallListEntry }): ReactElement {
  if (status === "waiting") return next_at ? <small>from {moment(next_at)}</small> : <small>next</small>;
  if (status === "calling") return <>On the line</>;
  return (
    <>
      {result && RESULT_NAMES[result]} {reason && <small>{reasonName(reason)}</small>}
    </>
  );
}

function Calls({ entry: { calls } }: { entry: CallListEntry }): ReactElement {
  if (calls.length === 0) return <>–</>;
  return (
    <ul className="entry-calls">
      {calls.map(({ id, status, code, conversation_id, created_at }) => (
        <li key={id}>
          {conversation_id ? (
            <a href={linkTo("conversations", conversation_id)}>{CALL_NAMES[status]}</a>
          ) : (
            CALL_NAMES[status]
          )}{" "}
          <small>
            {code && `${codeName(code)}, `}
            <Ago moment={created_at} />
          </small>
        </li>
      ))}
    </ul>
  );
}
