import type { ReactElement } from "react";
import type { PageProps } from "../app";
import { CallListDetail } from "../call_lists/detail";
import { CallListsCard } from "../call_lists/list";
import { MakeCallList } from "../call_lists/plan";

/** Many people called one after the other: made, started, followed, and what came of it. */
export function CallListsPage({ http, id }: PageProps): ReactElement {
  if (id === "new") return <MakeCallList http={http} />;
  if (id !== null) return <CallListDetail key={id} http={http} id={id} />;
  return <CallListsCard http={http} />;
}
