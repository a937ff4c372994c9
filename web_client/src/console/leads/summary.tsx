import type { ReactElement, ReactNode } from "react";
import type { LeadRecord } from "../api/types";
import { Badge, Card, capital } from "../parts";
import { CallButton, type LeadCalls } from "./calls";
import { leadName } from "./names";
import { Score } from "./score";

interface Props {
  lead: LeadRecord;
  calls: LeadCalls;
  /** More that can be done. */
  children: ReactNode;
}

/** What somebody with little room wants to see first: who it is, how good and why, and the ways to reach them. */
export function Summary({ lead, calls, children }: Props): ReactElement {
  const { contact_name, contact_title, company_name, contact_phone, contact_email, opted_out_at } = lead;
  const who = [company_name && contact_name, contact_title].filter(Boolean).join(", ");
  const reachable = opted_out_at === null;
  return (
    <Card title={leadName(lead)} aside={<Score lead={lead} />}>
      <div className="summary">
        {who && <p>{who}</p>}
        <p>
          {opted_out_at ? <Badge tone="down">Do not contact</Badge> : <small>{capital(lead.status)}</small>}
          {[contact_phone, contact_email].filter(Boolean).map((way) => (
            <small key={way}> · {way}</small>
          ))}
        </p>
        {lead.qualification_reasoning && <p className="reasoning">{lead.qualification_reasoning}</p>}
        <div className="buttons">
          {contact_phone && reachable && <CallButton calls={calls} />}
          {contact_email && reachable && (
            <a className="button" href={`mailto:${encodeURIComponent(contact_email)}`}>
              Write
            </a>
          )}
          {children}
        </div>
      </div>
    </Card>
  );
}
