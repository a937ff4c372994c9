import { type ReactElement, useCallback, useDeferredValue, useState } from "react";
import type { Http } from "../api/http";
import type { Contact, Page, Platform } from "../api/types";
import { Ago } from "../moment";
import { MoreRows } from "../more_rows";
import { usePages } from "../paging";
import { Card, Empty, Loading, Problem } from "../parts";
import { linkTo } from "../router";
import { PLATFORMS } from "../sync/names";
import { type Column, Table } from "../table";
import { nameOf } from "./names";

const EVERY_MS = 10_000;
const LIMIT = 50;

const idOf = ({ id }: Contact): string => id;

const COLUMNS: Column<Contact>[] = [
  {
    head: "Contact",
    cell: (contact) => (
      <>
        <a href={linkTo("contacts", contact.id)}>
          <b>{nameOf(contact)}</b>
        </a>
        <br />
        <small>{[contact.title, contact.company].filter(Boolean).join(" · ")}</small>
      </>
    ),
  },
  {
    head: "Reached at",
    cell: ({ email, phone }) => <span className="lines">{[email, phone].filter(Boolean).join("\n") || "–"}</span>,
  },
  {
    head: "At",
    cell: ({ crm_platform, external_id }) => (
      <>
        {PLATFORMS[crm_platform]} {external_id === null && <small>not yet</small>}
      </>
    ),
  },
  {
    head: "Synced",
    minor: true,
    cell: ({ last_synced_at }) => (last_synced_at ? <Ago moment={last_synced_at} /> : "never"),
  },
  { head: "Added", cell: ({ created_at }) => <Ago moment={created_at} /> },
];

/** People at the CRMs. */
export function ContactList({ http }: { http: Http }): ReactElement {
  const [search, setSearch] = useState("");
  const [platform, setPlatform] = useState<Platform | "">("");
  const wanted = useDeferredValue(search.trim());
  const { rows, error, ...more } = usePages(
    useCallback(
      (cursor: string | null) =>
        http.get<Page<Contact>>("/api/contacts", { limit: LIMIT, cursor, search: wanted, platform }),
      [http, wanted, platform],
    ),
    idOf,
    EVERY_MS,
  );
  const filtered = Boolean(wanted || platform);
  return (
    <Card
      title="Contacts"
      aside={
        <a className="button primary" href={linkTo("contacts", "new")}>
          Add a contact
        </a>
      }
    >
      <search className="filters">
        <input
          type="search"
          aria-label="Search"
          placeholder="Name, company, address or number"
          maxLength={200}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <select
          aria-label="CRM"
          value={platform}
          onChange={(event) => setPlatform(event.target.value as Platform | "")}
        >
          <option value="">Every CRM</option>
          {Object.entries(PLATFORMS).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </search>
      <Problem error={error} />
      {!rows && !error && <Loading />}
      {rows?.length === 0 && (
        <Empty title={filtered ? "No contact is like that." : "No contacts yet."}>
          {!filtered && (
            <p>
              They come with the first <a href={linkTo("sync")}>sync</a> with the CRM; one that is added here goes there
              with the next.
            </p>
          )}
        </Empty>
      )}
      {rows && rows.length > 0 && <Table name="Contacts" rows={rows} keyOf={idOf} columns={COLUMNS} />}
      <MoreRows {...more} />
    </Card>
  );
}
