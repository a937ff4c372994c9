import type { ReactElement } from "react";
import type { PageProps } from "../app";
import { ConflictsCard } from "../sync/conflicts";
import { DeadLettersCard } from "../sync/dead_letters";
import { HistoryCard } from "../sync/history";
import { PlatformsCard } from "../sync/platforms";

/** The CRMs: how each stands, what contradicts, what could not be done, what was done. */
export function SyncPage({ http }: PageProps): ReactElement {
  return (
    <>
      <PlatformsCard http={http} />
      <ConflictsCard http={http} />
      <DeadLettersCard http={http} />
      <HistoryCard http={http} />
    </>
  );
}
