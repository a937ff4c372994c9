import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import { AgentChoice, useAgents } from "../agent/choice";
import { Amount } from "../amount";
import type { Http } from "../api/http";
import type { Campaign } from "../api/types";
import { Field } from "../field";
import { Card, Problem } from "../parts";
import { linkTo } from "../router";
import { AudienceFields, audienceAsked, EVERYBODY, type Whom } from "./audience";
import { ReachCount } from "./reach";
import { AS_DRAFTS, type Way, WayOut, wayAsked } from "./way_out";

const TIMEOUT_MS = 60_000;

/** Plans a campaign: what for, whom it reaches, and what it may cost. Nothing is written yet. */
export function PlanCard({ http }: { http: Http }): ReactElement {
  const [name, setName] = useState("");
  const [goal, setGoal] = useState("");
  const [whom, setWhom] = useState<Whom>(EVERYBODY);
  const [budget, setBudget] = useState("1");
  const [way, setWay] = useState<Way>(AS_DRAFTS);
  const [agent, setAgent] = useState("");
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
          <Field label="Name" maxLength={200} value={name} onChange={setName} />
          <Amount label="Budget, in dollars" value={budget} min={0.0001} max={10_000} step="any" onChange={setBudget} />
          <Field label="What the messages are to bring about" long maxLength={1000} value={goal} onChange={setGoal} />
          <AgentChoice agents={agents} label="In whose name" value={agent} onChange={setAgent} />
          <AudienceFields whom={whom} onChange={setWhom}>
            <ReachCount http={http} asked={asked} onReach={setReach} />
          </AudienceFields>
          <WayOut way={way} onChange={setWay} />
          <p className="buttons wide">
            <button type="submit" className="primary" disabled={plan.busy || !isComplete}>
              {plan.busy ? "Planning…" : "Plan it"}
            </button>
            <small>Nothing is written yet: you see a few messages first.</small>
          </p>
          <Problem error={plan.error} />
        </form>
      </Card>
    </>
  );
}
