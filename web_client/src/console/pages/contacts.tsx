import type { ReactElement } from "react";
import type { PageProps } from "../app";
import { ContactDetail } from "../contacts/detail";
import { ContactList } from "../contacts/list";

/** People at the CRMs; the chosen one in full. */
export function ContactsPage({ http, id }: PageProps): ReactElement {
  if (id === "new") return <ContactDetail key="new" http={http} id={null} />;
  if (id !== null) return <ContactDetail key={id} http={http} id={id} />;
  return <ContactList http={http} />;
}
