import type { ReactElement } from "react";
import type { PageProps } from "../app";
import { DialCard } from "../calls/dial";
import { HoursCard } from "../calls/hours";
import { CallsCard, useCalls } from "../calls/list";

/** Calls that the agent makes: one more, when people answer, and what became of each. */
export function CallsPage({ http }: PageProps): ReactElement {
  const calls = useCalls(http);
  return (
    <>
      <div className="columns">
        <DialCard http={http} onCalled={calls.page.again} />
        <HoursCard http={http} />
      </div>
      <CallsCard http={http} calls={calls} />
    </>
  );
}
