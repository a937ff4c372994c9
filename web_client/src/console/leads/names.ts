import type { LeadRecord } from "../api/types";

type Named = Pick<LeadRecord, "company_name" | "contact_name" | "contact_email" | "contact_phone" | "need">;

/** What tells a lead from the next: whose it is, else how to reach them, else what they want. */
export function leadName(lead: Named): string {
  const known = lead.company_name || lead.contact_name || lead.contact_email || lead.contact_phone;
  return known || (lead.need ? `“${lead.need}”` : "Unnamed");
}
