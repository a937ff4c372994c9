import { type ReactElement, useCallback } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { LeadRecord } from "../api/types";
import { Ago } from "../moment";
import { capital, Problem } from "../parts";
import { linkTo } from "../router";
import { type Column, Table } from "../table";
import { leadBesides, leadName } from "./names";
import { Score } from "./score";

interface Props {
  http: Http;
  leads: readonly LeadRecord[];
  /** A lead is not as it was. */
  onChanged: () => void;
}

/** Leads in rows; each opens, and is qualified by one press. */
export function LeadTable({ http, leads, onChanged }: Props): ReactElement {
  const columns: Column<LeadRecord>[] = [
    ...FACTS,
    { head: "", number: true, cell: (lead) => <QualifyButton http={http} lead={lead} onChanged={onChanged} /> },
  ];
  return <Table name="Leads" rows={leads} keyOf={(lead) => lead.id} columns={columns} />;
}

const FACTS: Column<LeadRecord>[] = [
  {
    head: "Lead",
    cell: (lead) => (
      <>
        <a href={linkTo("leads", lead.id)}>
          <b>{leadName(lead)}</b>
        </a>
        <br />
        <small>{leadBesides(lead)}</small>
      </>
    ),
  },
  { head: "Score", cell: (lead) => <Score lead={lead} /> },
  {
    head: "Status",
    cell: (lead) => <span className="short">{lead.opted_out_at ? "Do not contact" : capital(lead.status)}</span>,
  },
  {
    head: "Source",
    minor: true,
    cell: (lead) => <span className="cut">{lead.source ? capital(lead.source) : "–"}</span>,
  },
  { head: "Added", cell: (lead) => <Ago moment={lead.created_at} /> },
];

interface QualifyProps extends Omit<Props, "leads"> {
  lead: LeadRecord;
}

function QualifyButton({ http, lead, onChanged }: QualifyProps): ReactElement {
  const qualify = useAction(
    useCallback(async () => {
      await qualifyLead(http, lead.id);
      onChanged();
    }, [http, lead.id, onChanged]),
  );
  return (
    <>
      <button type="button" disabled={qualify.busy} onClick={() => void qualify.run()}>
        {qualify.busy ? "…" : lead.qualification_score === null ? "Qualify" : "Qualify again"}
      </button>
      <Problem error={qualify.error} />
    </>
  );
}

const QUALIFY_TIMEOUT_MS = 30_000;

export function qualifyLead(http: Http, id: string): Promise<unknown> {
  return http.post("/api/leads/qualify", { lead_ids: [id] }, QUALIFY_TIMEOUT_MS);
}
