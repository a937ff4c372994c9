import { type ReactElement, useCallback, useDeferredValue, useState } from "react";
import type { LeadRecord, Page } from "../api/types";
import { LEAD_STATUSES } from "../api/types";
import type { PageProps } from "../app";
import { ShowMore, useGrowing } from "../growing";
import { LeadDetail } from "../leads/detail";
import { ImportCard } from "../leads/import";
import { LeadTable } from "../leads/table";
import { Card, capital, Empty, Loading, Problem } from "../parts";
import { usePolling } from "../polling";

const EVERY_MS = 6_000;
const STEP = 50;

/** Leads: found, judged, brought in from a file; the chosen one in full. */
export function LeadsPage({ http, id, part }: PageProps): ReactElement {
  if (id === "import") return <ImportCard http={http} />;
  if (id === "new") return <LeadDetail key="new" http={http} id={null} />;
  if (id !== null) return <LeadDetail key={id} http={http} id={id} toEdit={part === "edit"} />;
  return <LeadList http={http} />;
}

function LeadList({ http }: { http: PageProps["http"] }): ReactElement {
  const [search, setSearch] = useState("");
  const [status, setStatus] = useState("");
  const [minScore, setMinScore] = useState("");
  const [sort, setSort] = useState("created_at");
  const growing = useGrowing(STEP);
  const { limit } = growing;
  const wanted = useDeferredValue(search.trim());
  const { value, error, again } = usePolling(
    useCallback(
      () => http.get<Page<LeadRecord>>("/api/leads", { limit, search: wanted, status, min_score: minScore, sort }),
      [http, limit, wanted, status, minScore, sort],
    ),
    EVERY_MS,
  );
  const filtered = Boolean(wanted || status || minScore);
  return (
    <Card
      title="Leads"
      aside={
        <p className="buttons">
          <a className="button" href="#/leads/import">
            Import a file
          </a>
          <a className="button primary" href="#/leads/new">
            Add a lead
          </a>
        </p>
      }
    >
      <search className="filters">
        <input
          type="search"
          aria-label="Search"
          placeholder="Company, person, address or number"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <select aria-label="Status" value={status} onChange={(event) => setStatus(event.target.value)}>
          <option value="">Every status</option>
          {LEAD_STATUSES.map((name) => (
            <option key={name} value={name}>
              {capital(name)}
            </option>
          ))}
        </select>
        <select aria-label="Score" value={minScore} onChange={(event) => setMinScore(event.target.value)}>
          <option value="">Any score</option>
          <option value="70">Hot: from 70</option>
          <option value="40">Warm: from 40</option>
          <option value="1">Scored</option>
        </select>
        <select aria-label="Order" value={sort} onChange={(event) => setSort(event.target.value)}>
          <option value="created_at">Newest first</option>
          <option value="score">Best score first</option>
        </select>
      </search>
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value?.items.length === 0 && <NoLeads filtered={filtered} />}
      {value && value.items.length > 0 && <LeadTable http={http} leads={value.items} onChanged={again} />}
      <ShowMore {...growing} more={Boolean(value?.next_cursor)} beyond="Search finds the others." />
    </Card>
  );
}

function NoLeads({ filtered }: { filtered: boolean }): ReactElement {
  if (filtered) return <Empty title="No lead is like that." />;
  return (
    <Empty title="No leads yet.">
      <p>
        <a href="#/leads/import">Import a CSV file</a>, <a href="#/leads/new">add one</a>, or let a conversation bring
        it: whoever tells the agent an e-mail address becomes a lead.
      </p>
    </Empty>
  );
}
