import { type FormEvent, type ReactElement, useId, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import { type Audience, type Campaign, LEAD_STATUSES } from "../api/types";
import { Choice } from "../choice";
import { Field } from "../field";
import { Card, capital, Problem } from "../parts";
import { linkTo } from "../router";
import { ReachCount } from "./reach";
import { AS_DRAFTS, type Way, WayOut, wayAsked } from "./way_out";

const MOST_LEADS = 5000;
const TIMEOUT_MS = 60_000;

/** Plans a campaign: what for, whom it reaches, and what it may cost. Nothing is written yet. */
export function PlanCard({ http }: { http: Http }): ReactElement {
  const [name, setName] = useState("");
  const [goal, setGoal] = useState("");
  const [audience, setAudience] = useState<Record<string, string>>({});
  const [budget, setBudget] = useState("1");
  const [most, setMost] = useState("500");
  const [way, setWay] = useState<Way>(AS_DRAFTS);
  const [reach, setReach] = useState<number | null>(null);
  const maxLeads = Math.min(MOST_LEADS, Math.max(1, Math.floor(Number(most)) || 1));
  const plan = useAction(async () => {
    const body = {
      name,
      goal,
      audience: asked(audience),
      budget_usd: Number(budget),
      max_leads: maxLeads,
      ...wayAsked(way),
    };
    const made = await http.post<Campaign>("/api/campaigns", body, TIMEOUT_MS);
    location.hash = linkTo("campaigns", made.id);
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void plan.run();
  };
  const about = (field: string) => (value: string) => setAudience({ ...audience, [field]: value });
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
          <fieldset className="wide audience">
            <legend>Whom it is for</legend>
            <Choice label="Status" value={audience.status ?? ""} onChange={about("status")}>
              <option value="">Every status</option>
              {LEAD_STATUSES.map((status) => (
                <option key={status} value={status}>
                  {capital(status)}
                </option>
              ))}
            </Choice>
            <Choice label="Score" value={audience.min_score ?? ""} onChange={about("min_score")}>
              <option value="">Any score</option>
              <option value="70">Hot: from 70</option>
              <option value="40">Warm: from 40</option>
              <option value="1">Scored</option>
            </Choice>
            <Field label="Industry" maxLength={300} value={audience.industry ?? ""} onChange={about("industry")} />
            <Field
              label="Company, person or address"
              maxLength={200}
              value={audience.search ?? ""}
              onChange={about("search")}
            />
            <Amount label="At most so many leads" value={most} min={1} max={MOST_LEADS} step={1} onChange={setMost} />
            <ReachCount http={http} audience={asked(audience)} maxLeads={maxLeads} onReach={setReach} />
          </fieldset>
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

function asked(values: Record<string, string>): Audience {
  const given = Object.entries(values).filter(([, value]) => value.trim());
  return Object.fromEntries(
    given.map(([name, value]) => [name, name === "min_score" ? Number(value) : value.trim()]),
  ) as Audience;
}

interface AmountProps {
  label: string;
  value: string;
  min: number;
  max: number;
  step: number | "any";
  required?: boolean;
  onChange: (value: string) => void;
}

/** A number to fill in, with its label above it. */
export function Amount({ label, onChange, required = true, ...more }: AmountProps): ReactElement {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="number" required={required} onChange={(event) => onChange(event.target.value)} {...more} />
    </div>
  );
}
