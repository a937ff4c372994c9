import type { ReactElement } from "react";
import type { PageProps } from "../app";
import { CustomerDetail } from "../customers/detail";
import { CustomerList } from "../customers/list";

/** Customers, and what is open with each. */
export function CustomersPage({ http, id }: PageProps): ReactElement {
  if (id !== null) return <CustomerDetail key={id} http={http} id={id} />;
  return <CustomerList http={http} />;
}
