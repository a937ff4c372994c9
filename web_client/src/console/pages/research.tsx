import type { ReactElement } from "react";
import type { PageProps } from "../app";
import { ResearchDetail } from "../research/detail";
import { ResearchList } from "../research/list";

/** Questions looked into, of leads or of anything. The address may name a lead to ask about. */
export function ResearchPage({ http, id, part }: PageProps): ReactElement {
  if (id === "lead") return <ResearchList key={part} http={http} leadId={part} />;
  if (id !== null) return <ResearchDetail key={id} http={http} id={id} />;
  return <ResearchList http={http} leadId={null} />;
}
