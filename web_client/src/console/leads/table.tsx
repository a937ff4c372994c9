import { type ReactElement, useCallback } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { LeadRecord } from "../api/types";
import { Ago } from "../moment";
import { Problem, Table, words } from "../parts";
import { linkTo } from "../router";
import { Score } from "./score";

interface Props {
  http: Http;
  leads: readonly LeadRecord[];
  /** A lead is not as it was. */
  onChanged: () => void;
}

/** Leads in rows; each opens, and is qualified by one press. */
export function LeadTable({ http, leads, onChanged }: Props): ReactElement {
  return (
    <Table name="Leads" heads={["Lead", "Score", "Status", "Source", "Added", ""]}>
      {leads.map((lead) => (
        <LeadRow key={lead.id} http={http} lead={lead} onChanged={onChanged} />
      ))}
    </Table>
  );
}

interface RowProps extends Omit<Props, "leads"> {
  lead: LeadRecord;
}

function LeadRow({ http, lead, onChanged }: RowProps): ReactElement {
  const qualify = useAction(
    useCallback(async () => {
      await qualifyLead(http, lead.id);
      onChanged();
    }, [http, lead.id, onChanged]),
  );
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
      <td>
        <Ago moment={lead.created_at} />
      </td>
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
