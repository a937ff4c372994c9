import { type ReactElement, useCallback, useDeferredValue, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { CallStatus, ListedPhoneCall, Page } from "../api/types";
import { nameOf } from "../conversations/identity";
import { Ago } from "../moment";
import { MoreRows } from "../more_rows";
import type { Paged } from "../paging";
import { usePages } from "../paging";
import { Badge, Card, Empty, Loading, Problem } from "../parts";
import { linkTo } from "../router";
import { type Column, Table } from "../table";
import { lasted } from "../times";
import { isUnderWay, STATUS_NAMES, STATUS_TONES } from "./names";
import { WhyNotMade } from "./refusal";

const EVERY_MS = 3_000;
const LIMIT = 25;
const FEWEST_DIGITS = 7;

export interface CallFilter {
  status: CallStatus | "";
  number: string;
}

export interface CallList {
  filter: CallFilter;
  setFilter: (filter: CallFilter) => void;
  page: Paged<ListedPhoneCall>;
}

const idOf = ({ id }: ListedPhoneCall): string => id;

/** The calls that were asked for, newest first, as they go on. */
export function useCalls(http: Http): CallList {
  const [filter, setFilter] = useState<CallFilter>({ status: "", number: "" });
  const { status } = filter;
  const number = useDeferredValue(filter.number.trim());
  const to = number.replace(/\D/g, "").length >= FEWEST_DIGITS ? number : null;
  const page = usePages(
    useCallback(
      (cursor: string | null) => http.get<Page<ListedPhoneCall>>("/api/calls", { limit: LIMIT, cursor, status, to }),
      [http, status, to],
    ),
    idOf,
    EVERY_MS,
  );
  return { filter, setFilter, page };
}

/** Calls with what became of each, and why one was not made. */
export function CallsCard({ http, calls: { filter, setFilter, page } }: { http: Http; calls: CallList }): ReactElement {
  const { rows, error } = page;
  const filtered = Boolean(filter.status || filter.number.trim());
  return (
    <Card title="Calls">
      <search className="filters">
        <input
          type="search"
          aria-label="Calls to a number"
          placeholder="Number"
          value={filter.number}
          onChange={(event) => setFilter({ ...filter, number: event.target.value })}
        />
        <select
          aria-label="Status"
          value={filter.status}
          onChange={(event) => setFilter({ ...filter, status: event.target.value as CallStatus | "" })}
        >
          <option value="">Whatever became of them</option>
          {Object.entries(STATUS_NAMES).map(([status, name]) => (
            <option key={status} value={status}>
              {name}
            </option>
          ))}
        </select>
      </search>
      <Problem error={error?.code === "number_invalid" ? null : error} />
      {!rows && !error && <Loading />}
      {rows?.length === 0 && <NoCalls filtered={filtered} />}
      {rows && rows.length > 0 && <Table name="Calls" rows={rows} keyOf={idOf} columns={columnsOf(http, page.again)} />}
      <MoreRows {...page} />
    </Card>
  );
}

function NoCalls({ filtered }: { filtered: boolean }): ReactElement {
  if (filtered) return <Empty title="No call is like that." />;
  return (
    <Empty title="Nobody was called yet.">
      <p>
        Call a number above, or <a href={linkTo("leads")}>a lead</a> from its page. Calls that were refused are kept
        too, with why.
      </p>
    </Empty>
  );
}

const columnsOf = (http: Http, again: () => void): Column<ListedPhoneCall>[] => [
  { head: "To", cell: (call) => <Whom call={call} /> },
  { head: "Became", cell: (call) => <Became http={http} call={call} onChanged={again} /> },
  { head: "When", cell: ({ created_at }) => <Ago moment={created_at} precise /> },
  {
    head: "Talked",
    number: true,
    minor: true,
    cell: ({ answered_at, ended_at }) => (answered_at && ended_at ? lasted(answered_at, ended_at) : "–"),
  },
  { head: "", number: true, cell: (call) => <Next http={http} call={call} onChanged={again} /> },
];

function Whom({ call }: { call: ListedPhoneCall }): ReactElement {
  const name = nameOf(call);
  return (
    <>
      {call.lead_id ? <a href={linkTo("leads", call.lead_id)}>{name ?? call.to}</a> : (name ?? call.to)}
      {(name || call.purpose) && (
        <>
          <br />
          <small>{[name && call.to, call.purpose].filter(Boolean).join(" · ")}</small>
        </>
      )}
    </>
  );
}

function Became({ http, call, onChanged }: NextProps): ReactElement {
  const { status } = call;
  return (
    <>
      <Badge tone={STATUS_TONES[status]}>{STATUS_NAMES[status]}</Badge>{" "}
      <WhyNotMade http={http} call={call} name={nameOf(call) ?? call.to} onChanged={onChanged} />
    </>
  );
}

interface NextProps {
  http: Http;
  call: ListedPhoneCall;
  onChanged: () => void;
}

/** What can be done with it: hung up, or read. */
function Next({ http, call, onChanged }: NextProps): ReactElement | null {
  const hangUp = useAction(async () => {
    await http.post(`/api/calls/${encodeURIComponent(call.id)}/cancel`);
    onChanged();
  });
  return (
    <>
      {isUnderWay(call) && (
        <button type="button" disabled={hangUp.busy} onClick={() => void hangUp.run()}>
          Hang up
        </button>
      )}{" "}
      {call.conversation_id && <a href={linkTo("conversations", call.conversation_id)}>What was said</a>}
      <Problem error={hangUp.error} />
    </>
  );
}
