import { type ReactElement, useCallback } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { LeadRecord } from "../api/types";
import { Problem, Table, words } from "../parts";
import { linkTo } from "../router";
import { ago } from "../times";
import { Score } from "./score";

/** Leads in rows; each opens, and is qualified by one press. */
export function LeadTable({ http, leads }: { http: Http; leads: readonly LeadRecord[] }): ReactElement {
  return (
    <Table name="Leads" heads={["Lead", "Score", "Status", "Source", "Added", ""]}>
      {leads.map((lead) => (
        <LeadRow key={lead.id} http={http} lead={lead} />
      ))}
    </Table>
  );
}

function LeadRow({ http, lead }: { http: Http; lead: LeadRecord }): ReactElement {
  const qualify = useAction(useCallback(() => qualifyLead(http, lead.id), [http, lead.id]));
  return (
    <tr>
      <td>
        <a href={linkTo("leads", lead.id)}>
          <b>{lead.company_name ?? lead.contact_name ?? lead.contact_email ?? "Unnamed"}</b>
        </a>
        <br />
        <small>{[lead.contact_name, lead.contact_title, lead.contact_email].filter(Boolean).join(" · ")}</small>
      </td>
      <td>
        <Score lead={lead} />
      </td>
      <td>{lead.opted_out_at ? "Do not contact" : words(lead.status)}</td>
      <td>{lead.source ?? "–"}</td>
      <td>{ago(lead.created_at, Date.now())}</td>
      <td className="number">
        <button type="button" disabled={qualify.busy} onClick={() => void qualify.run()}>
          {qualify.busy ? "…" : lead.qualification_score === null ? "Qualify" : "Qualify again"}
        </button>
        <Problem error={qualify.error} />
      </td>
    </tr>
  );
}

const QUALIFY_TIMEOUT_MS = 30_000;

export function qualifyLead(http: Http, id: string): Promise<unknown> {
  return http.post("/api/leads/qualify", { lead_ids: [id] }, QUALIFY_TIMEOUT_MS);
}
