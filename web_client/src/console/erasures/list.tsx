import { type ReactElement, useCallback } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { Page, ShownErasure, Subject } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { Ago } from "../moment";
import { MoreRows } from "../more_rows";
import { type Paged, usePages } from "../paging";
import { Badge, Card, capital, Empty, Loading, Problem, words } from "../parts";
import { linkTo } from "../router";
import { type Column, Table } from "../table";

const EVERY_MS = 5_000;
const LIMIT = 50;
const TONES = {
  requested: "degraded",
  queued: "degraded",
  waiting: "degraded",
  running: "degraded",
  finished: "ok",
  dismissed: "off",
} as const;

const idOf = ({ id }: ShownErasure): string => id;

/** Requests and erasures, newest first. */
export function useErasures(http: Http): Paged<ShownErasure> {
  return usePages(
    useCallback(
      (cursor: string | null) => http.get<Page<ShownErasure>>("/api/erasures", { limit: LIMIT, cursor }),
      [http],
    ),
    idOf,
    EVERY_MS,
  );
}

export function ErasuresCard({ http, page }: { http: Http; page: Paged<ShownErasure> }): ReactElement {
  const { rows, error } = page;
  return (
    <Card title="Requests and erasures">
      <Problem error={error} />
      {!rows && !error && <Loading />}
      {rows?.length === 0 && (
        <Empty title="Nobody has asked yet.">
          <p>Whoever tells the agent “delete my data” comes up here, for you to confirm.</p>
        </Empty>
      )}
      {rows && rows.length > 0 && (
        <Table name="Erasures" rows={rows} keyOf={idOf} columns={columnsOf(http, page.again)} />
      )}
      <MoreRows {...page} />
    </Card>
  );
}

const columnsOf = (http: Http, again: () => void): Column<ShownErasure>[] => [
  { head: "Who", cell: ({ subject, status }) => <Who subject={subject} gone={status === "finished"} /> },
  {
    head: "Asked by",
    cell: ({ source, conversation_id }) =>
      source === "operator" ? (
        "An operator"
      ) : conversation_id ? (
        <a href={linkTo("conversations", conversation_id)}>A caller</a>
      ) : (
        "A caller"
      ),
  },
  {
    head: "Status",
    cell: ({ status, waits_for }) => (
      <>
        <Badge tone={TONES[status]}>{capital(status)}</Badge>{" "}
        {waits_for && <small className="muted">for {waits_for.split(",").map(words).join(", ")}</small>}
      </>
    ),
  },
  {
    head: "Records",
    number: true,
    cell: ({ counts, status }) =>
      status === "finished"
        ? Object.values(counts)
            .reduce((sum, count) => sum + count, 0)
            .toLocaleString()
        : "",
  },
  { head: "When", cell: ({ finished_at, created_at }) => <Ago moment={finished_at ?? created_at} /> },
  {
    head: "",
    number: true,
    cell: (row) => row.status === "requested" && <Decide http={http} row={row} again={again} />,
  },
];

function Who({ subject, gone }: { subject: Subject | null; gone: boolean }): ReactElement {
  if (subject?.lead_id) return <a href={linkTo("leads", subject.lead_id)}>A lead</a>;
  return <>{subject?.phone ?? subject?.email ?? (gone ? "Nobody knows any more" : "–")}</>;
}

function Decide({ http, row, again }: { http: Http; row: ShownErasure; again: () => void }): ReactElement {
  const settle = useAction(async (how: "confirm" | "dismiss") => {
    await http.post<ShownErasure>(`/api/erasures/${row.id}/${how}`, how === "confirm" ? {} : undefined);
    again();
  });
  return (
    <span className="buttons">
      {row.subject && (
        <ConfirmButton
          question="Anybody can claim to be anybody. Is it theirs?"
          yes="Erase it"
          disabled={settle.busy}
          onConfirm={() => void settle.run("confirm")}
        >
          Confirm
        </ConfirmButton>
      )}
      <button type="button" disabled={settle.busy} onClick={() => void settle.run("dismiss")}>
        Dismiss
      </button>
      <Problem error={settle.error} />
    </span>
  );
}
