import type { ReactElement } from "react";
import type { LeadRecord } from "../api/types";
import { Card, capital } from "../parts";

/** What they said to the agent's own questions. */
export function Answers({ lead }: { lead: LeadRecord }): ReactElement | null {
  const answers = Object.entries(lead.answers);
  if (answers.length === 0) return null;
  return (
    <Card title="What they answered">
      <dl className="answers">
        {answers.map(([key, words]) => (
          <div key={key}>
            <dt>{capital(key)}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
