import { type ReactElement, useCallback, useMemo, useState } from "react";
import { useLoad } from "../action";
import type { Http } from "../api/http";
import type { AgentFacts, AgentPreview } from "../api/types";
import { Card, Problem } from "../parts";
import { asked } from "./facts";

const PAUSE_MS = 400;

/** What it will be told, as it is written. */
export function Preview({ http, facts }: { http: Http; facts: AgentFacts }): ReactElement {
  const [shown, setShown] = useState<AgentPreview | null>(null);
  const draft = useMemo(() => JSON.stringify(asked(facts)), [facts]);
  const load = useLoad(
    useCallback(
      async (isWanted: () => boolean) => {
        const found = await http.post<AgentPreview>("/api/agent-profiles/preview", JSON.parse(draft));
        if (isWanted()) setShown(found);
      },
      [http, draft],
    ),
    PAUSE_MS,
  );
  return (
    <Card title="What it will be told">
      <Problem error={load.error} />
      {shown && (
        <>
          <p>
            <small>Its first words</small>
            <br />“{shown.opening}”
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by the keyboard too */}
          <pre className="agent-told" tabIndex={0}>
            {shown.instructions}
          </pre>
        </>
      )}
    </Card>
  );
}
