import type { LeadRecord } from "../api/types";

type Named = Pick<LeadRecord, "company_name" | "contact_name" | "contact_email" | "contact_phone" | "need">;

/** Who it is besides the name it goes by. */
export function leadBesides(lead: Named & Pick<LeadRecord, "contact_title">): string {
  const name = leadName(lead);
  const known = [lead.contact_name, lead.contact_title, lead.contact_email];
  return known.filter((fact) => fact && fact !== name).join(" · ");
}

/** What tells a lead from the next: whose it is, else how to reach them, else what they want. */
export function leadName(lead: Named): string {
  const known = lead.company_name || lead.contact_name || lead.contact_email || lead.contact_phone;
  return known || (lead.need ? `“${lead.need}”` : "Unnamed");
}
