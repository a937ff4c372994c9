import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import { AgentChoice, useAgents } from "../agent/choice";
import { Amount } from "../amount";
import type { Http } from "../api/http";
import type { Campaign } from "../api/types";
import { useDraft } from "../drafts";
import { DropButton } from "../drop_button";
import { Field } from "../field";
import { Card, Problem } from "../parts";
import { linkTo } from "../router";
import { AudienceFields, audienceAsked, EVERYBODY, type Whom } from "./audience";
import { ReachCount } from "./reach";
import { AS_DRAFTS, type Way, WayOut, wayAsked } from "./way_out";

const TIMEOUT_MS = 60_000;

interface Plan {
  name: string;
  goal: string;
  whom: Whom;
  budget: string;
  way: Way;
  agent: string;
}

const NOTHING: Plan = { name: "", goal: "", whom: EVERYBODY, budget: "1", way: AS_DRAFTS, agent: "" };

/** Plans a campaign: what for, whom it reaches, and what it may cost. Nothing is written yet. */
export function PlanCard({ http }: { http: Http }): ReactElement {
  const written = useDraft<Plan>("campaigns/new", NOTHING);
  const { change } = written;
  const { name, goal, whom, budget, way, agent } = written.draft;
  const agents = useAgents(http);
  const [reach, setReach] = useState<number | null>(null);
  const asked = audienceAsked(whom);
  const plan = useAction(async () => {
    const body = {
      name,
      goal,
      budget_usd: Number(budget),
      ...asked,
      ...wayAsked(way),
      ...(agent && { agent }),
    };
    const made = await http.post<Campaign>("/api/campaigns", body, TIMEOUT_MS);
    written.end();
    location.hash = linkTo("campaigns", made.id);
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void plan.run();
  };
  const isComplete = Boolean(name.trim() && goal.trim() && Number(budget) > 0 && reach);
  return (
    <>
      <p>
        <a href={linkTo("campaigns")}>← All campaigns</a>
      </p>
      <Card title="Plan a campaign">
        <form className="form two plan" onSubmit={submit}>
          <Field label="Name" maxLength={200} value={name} onChange={(text) => change({ name: text })} />
          <Amount
            label="Budget, in dollars"
            value={budget}
            min={0.0001}
            max={10_000}
            step="any"
            onChange={(text) => change({ budget: text })}
          />
          <Field
            label="What the messages are to bring about"
            long
            maxLength={1000}
            value={goal}
            onChange={(text) => change({ goal: text })}
          />
          <AgentChoice
            agents={agents}
            label="In whose name"
            value={agent}
            onChange={(slug) => change({ agent: slug })}
          />
          <AudienceFields whom={whom} onChange={(next) => change({ whom: next })}>
            <ReachCount http={http} asked={asked} onReach={setReach} />
          </AudienceFields>
          <WayOut way={way} onChange={(next) => change({ way: next })} />
          <div className="buttons wide">
            <button type="submit" className="primary" disabled={plan.busy || !isComplete}>
              {plan.busy ? "Planning…" : "Plan it"}
            </button>
            <DropButton written={written} busy={plan.busy} />
            <small>Nothing is written yet: you see a few messages first.</small>
          </div>
          <Problem error={plan.error} />
        </form>
      </Card>
    </>
  );
}
