import { type ReactElement, useCallback, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { ListedSuppression, Page, SuppressedNumber } from "../api/types";
import { NumberOf } from "../calls/number_of";
import { ConfirmButton } from "../confirm_button";
import { Ago } from "../moment";
import { MoreRows } from "../more_rows";
import { type Paged, usePages } from "../paging";
import { Card, Empty, Loading, Problem } from "../parts";
import { linkTo } from "../router";
import { type Column, Table } from "../table";

const EVERY_MS = 15_000;
const LIMIT = 50;

type Source = SuppressedNumber["source"];

const SOURCES: Record<Source, string> = {
  opt_out: "The person said so",
  operator: "An operator",
  import: "A file",
};

const numberOf = ({ number }: SuppressedNumber): string => number;

export interface NumberList {
  source: Source | "";
  setSource: (source: Source | "") => void;
  page: Paged<ListedSuppression>;
}

/** The numbers nobody may call, newest first. */
export function useNumbers(http: Http): NumberList {
  const [source, setSource] = useState<Source | "">("");
  const page = usePages(
    useCallback(
      (cursor: string | null) =>
        http.get<Page<ListedSuppression>>("/api/do-not-call", { limit: LIMIT, cursor, source }),
      [http, source],
    ),
    numberOf,
    EVERY_MS,
  );
  return { source, setSource, page };
}

/** Who is on the list, why, and since when; an entry that was a mistake is taken off. */
export function NumbersCard({ http, numbers: { source, setSource, page } }: Props): ReactElement {
  const { rows, error } = page;
  return (
    <Card
      title="On the list"
      aside={
        <select
          aria-label="Entered by"
          value={source}
          onChange={(event) => setSource(event.target.value as Source | "")}
        >
          <option value="">Whoever entered them</option>
          {Object.entries(SOURCES).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      }
    >
      <Problem error={error} />
      {!rows && !error && <Loading />}
      {rows?.length === 0 && (
        <Empty title={source ? "Nobody is on it so." : "Nobody is on it."}>
          <p>Whoever tells the agent “stop calling me” is put on it before the call ends. Enter others above.</p>
        </Empty>
      )}
      {rows && rows.length > 0 && (
        <Table name="Do not call" rows={rows} keyOf={numberOf} columns={columnsOf(http, page.gone)} />
      )}
      <MoreRows {...page} />
    </Card>
  );
}

interface Props {
  http: Http;
  numbers: NumberList;
}

const columnsOf = (http: Http, gone: (number: string) => void): Column<ListedSuppression>[] => [
  {
    head: "Number",
    cell: (row) => <NumberOf row={row} />,
  },
  { head: "Why", text: true, cell: ({ reason }) => reason },
  {
    head: "Entered by",
    cell: ({ source, conversation_id }) =>
      conversation_id ? <a href={linkTo("conversations", conversation_id)}>{SOURCES[source]}</a> : SOURCES[source],
  },
  { head: "When", cell: ({ created_at }) => <Ago moment={created_at} precise /> },
  { head: "", number: true, cell: (row) => <TakeOff http={http} row={row} onGone={gone} /> },
];

interface TakeOffProps {
  http: Http;
  row: Pick<SuppressedNumber, "number" | "source">;
  onGone: (number: string) => void;
}

/** Asks first. */
export function TakeOff({ http, row: { number, source }, onGone }: TakeOffProps): ReactElement {
  const remove = useAction(async () => {
    await http.send("DELETE", `/api/do-not-call/${encodeURIComponent(number)}`);
    onGone(number);
  });
  return (
    <>
      <ConfirmButton
        question={source === "opt_out" ? "They asked for it. Take off?" : "It may be called then."}
        yes="Take off"
        disabled={remove.busy}
        onConfirm={() => void remove.run()}
      >
        Take off
      </ConfirmButton>
      <Problem error={remove.error} />
    </>
  );
}
