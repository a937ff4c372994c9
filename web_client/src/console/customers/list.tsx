import { type ReactElement, useCallback, useDeferredValue, useState } from "react";
import type { Http } from "../api/http";
import type { LeadRecord, Page } from "../api/types";
import { leadBesides, leadName } from "../leads/names";
import { Ago } from "../moment";
import { MoreRows } from "../more_rows";
import { usePages } from "../paging";
import { Card, Empty, Loading, Problem } from "../parts";
import { linkTo } from "../router";
import { type Column, Table } from "../table";

const EVERY_MS = 10_000;
const LIMIT = 50;

const idOf = ({ id }: LeadRecord): string => id;

const COLUMNS: Column<LeadRecord>[] = [
  {
    head: "Customer",
    cell: (lead) => (
      <>
        <a href={linkTo("customers", lead.id)}>
          <b>{leadName(lead)}</b>
        </a>
        <br />
        <small>{leadBesides(lead)}</small>
      </>
    ),
  },
  { head: "Industry", text: true, minor: true, cell: ({ industry }) => industry ?? "–" },
  { head: "Phone", cell: ({ contact_phone }) => contact_phone ?? "–" },
  { head: "Changed", cell: ({ updated_at }) => <Ago moment={updated_at} /> },
];

/** The leads that were won. */
export function CustomerList({ http }: { http: Http }): ReactElement {
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim());
  const { rows, error, ...more } = usePages(
    useCallback(
      (cursor: string | null) => http.get<Page<LeadRecord>>("/api/customers", { limit: LIMIT, cursor, search: wanted }),
      [http, wanted],
    ),
    idOf,
    EVERY_MS,
  );
  return (
    <Card title="Customers">
      <search className="filters">
        <input
          type="search"
          aria-label="Search"
          placeholder="Company, person, address or number"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </search>
      <Problem error={error} />
      {!rows && !error && <Loading />}
      {rows?.length === 0 && (
        <Empty title={wanted ? "No customer is like that." : "No customers yet."}>
          <p>
            A <a href={linkTo("leads")}>lead</a> whose status is “customer” is one; their meetings, conversations and
            what is open with them show up here.
          </p>
        </Empty>
      )}
      {rows && rows.length > 0 && <Table name="Customers" rows={rows} keyOf={idOf} columns={COLUMNS} />}
      <MoreRows {...more} />
    </Card>
  );
}
