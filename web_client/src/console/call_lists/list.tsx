import { type ReactElement, useCallback, useState } from "react";
import type { Http } from "../api/http";
import type { CallList, Page } from "../api/types";
import { ShowMore, useGrowing } from "../growing";
import { Ago } from "../moment";
import { Badge, Card, Empty, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { type Column, Table } from "../table";
import { ResultBar } from "./bars";
import { STATUS_NAMES, STATUS_TONES, whomTold } from "./names";

const EVERY_MS = 4_000;
const STEP = 25;

const COLUMNS: Column<CallList>[] = [
  {
    head: "Call list",
    cell: (list) => (
      <>
        <a href={linkTo("call_lists", list.id)}>
          <b>{list.name}</b>
        </a>
        <br />
        <small>{whomTold(list)}</small>
      </>
    ),
  },
  { head: "Status", cell: ({ status }) => <Badge tone={STATUS_TONES[status]}>{STATUS_NAMES[status]}</Badge> },
  { head: "People", cell: (list) => <ResultBar list={list} /> },
  { head: "Made", minor: true, cell: (list) => <Ago moment={list.created_at} /> },
];

/** All call lists but those that were put away, or these: how far each is, and what came of it. */
export function CallListsCard({ http }: { http: Http }): ReactElement {
  const [archived, setArchived] = useState(false);
  const growing = useGrowing(STEP);
  const { limit } = growing;
  const { value, error } = usePolling(
    useCallback(() => http.get<Page<CallList>>("/api/call-lists", { limit, archived }), [http, limit, archived]),
    EVERY_MS,
  );
  return (
    <Card
      title="Call lists"
      aside={
        <div className="buttons">
          <select
            aria-label="Which call lists"
            value={String(archived)}
            onChange={(event) => setArchived(event.target.value === "true")}
          >
            <option value="false">Current</option>
            <option value="true">Archived</option>
          </select>
          <a className="button primary" href={linkTo("call_lists", "new")}>
            Make a call list
          </a>
        </div>
      }
    >
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value?.items.length === 0 && archived && <Empty title="None is archived." />}
      {value?.items.length === 0 && !archived && (
        <Empty title="No call lists yet.">
          <p>
            <a href={linkTo("call_lists", "new")}>Make one</a>: the agent calls each person in their hours, tries again
            where nobody answers, and tells what came of it.
          </p>
        </Empty>
      )}
      {value && value.items.length > 0 && (
        <div className="call-lists">
          <Table name="Call lists" rows={value.items} keyOf={({ id }) => id} columns={COLUMNS} />
        </div>
      )}
      <ShowMore {...growing} more={Boolean(value?.next_cursor)} />
    </Card>
  );
}
