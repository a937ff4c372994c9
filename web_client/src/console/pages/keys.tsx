import type { ReactElement } from "react";
import type { PageProps } from "../app";
import { CreateKeyCard } from "../keys/create";
import { KeysCard, useKeys } from "../keys/list";

/** API keys: who else may use this server. */
export function KeysPage({ http }: PageProps): ReactElement {
  const keys = useKeys(http);
  return (
    <div className="agenda-columns">
      <KeysCard http={http} keys={keys} />
      <CreateKeyCard http={http} onMade={keys.again} />
    </div>
  );
}
