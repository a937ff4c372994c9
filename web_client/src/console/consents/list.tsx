import { type ReactElement, useCallback, useState } from "react";
import type { Http } from "../api/http";
import type { ConsentKind, ListedConsent, Page } from "../api/types";
import { NumberOf } from "../calls/number_of";
import { CONSENT_NAMES } from "../calls/permission";
import { Ago } from "../moment";
import { MoreRows } from "../more_rows";
import { type Paged, usePages } from "../paging";
import { Badge, Card, Empty, Loading, Problem, type Tone } from "../parts";
import { type Column, Table } from "../table";
import { moment } from "../times";

const EVERY_MS = 15_000;
const LIMIT = 50;

const numberOf = ({ number }: ListedConsent): string => number;

export interface ConsentList {
  kind: ConsentKind | "";
  setKind: (kind: ConsentKind | "") => void;
  page: Paged<ListedConsent>;
}

/** The consents on record, newest first. */
export function useConsents(http: Http): ConsentList {
  const [kind, setKind] = useState<ConsentKind | "">("");
  const page = usePages(
    useCallback(
      (cursor: string | null) => http.get<Page<ListedConsent>>("/api/consents", { limit: LIMIT, cursor, kind }),
      [http, kind],
    ),
    numberOf,
    EVERY_MS,
  );
  return { kind, setKind, page };
}

interface Props {
  consents: ConsentList;
  onChoose: (number: string) => void;
}

/** Who agreed to be called, how and where; a number is chosen to record anew. */
export function ConsentsCard({ consents: { kind, setKind, page }, onChoose }: Props): ReactElement {
  const { rows, error } = page;
  return (
    <Card
      title="On record"
      aside={
        <select aria-label="Kind" value={kind} onChange={(event) => setKind(event.target.value as ConsentKind | "")}>
          <option value="">Every kind</option>
          {Object.entries(CONSENT_NAMES).map(([name, words]) => (
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
        <Empty title={kind ? "No record is like that." : "Nothing is on record."}>
          <p>Nobody is called who has not agreed. Record what you can show: a form, a letter, a recorded wish.</p>
        </Empty>
      )}
      {rows && rows.length > 0 && <Table name="Consents" rows={rows} keyOf={numberOf} columns={columnsOf(onChoose)} />}
      <MoreRows {...page} />
    </Card>
  );
}

const columnsOf = (choose: (number: string) => void): Column<ListedConsent>[] => [
  {
    head: "Number",
    cell: (row) => <NumberOf row={row} />,
  },
  {
    head: "Agreed",
    cell: (consent) => <Badge tone={toneOf(consent, Date.now())}>{CONSENT_NAMES[consent.kind]}</Badge>,
  },
  { head: "Where", text: true, cell: ({ source }) => source },
  { head: "Until", minor: true, cell: untilOf },
  { head: "Recorded", cell: ({ updated_at }) => <Ago moment={updated_at} precise /> },
  {
    head: "",
    number: true,
    cell: ({ number }) => (
      <button type="button" onClick={() => choose(number)}>
        Change
      </button>
    ),
  },
];

/** When it ends; one that was refused or taken back has ended. */
export function untilOf({ kind, valid_until }: ListedConsent): string {
  if (kind === "none") return "–";
  return valid_until ? moment(valid_until) : "no end";
}

/** `now` in milliseconds of the epoch. */
export function toneOf({ kind, valid_until }: ListedConsent, now: number): Tone {
  if (kind === "none") return "down";
  return valid_until && Date.parse(valid_until) <= now ? "degraded" : "ok";
}
