import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import { AgentChoice, useAgents } from "../agent/choice";
import { Amount } from "../amount";
import type { Http } from "../api/http";
import type { CallList } from "../api/types";
import { AudienceFields, audienceAsked, EVERYBODY, type Whom } from "../campaigns/audience";
import { useDraft } from "../drafts";
import { DropButton } from "../drop_button";
import { Field } from "../field";
import { Card, Problem } from "../parts";
import { linkTo } from "../router";
import { PeopleCount } from "./reach";

const TIMEOUT_MS = 60_000;
const HOUR_MINUTES = 60;

/** How people are called, as the form has it. */
export interface Terms {
  atOnce: string;
  attempts: string;
  retryHours: string;
  perHour: string;
  hours: string;
}

export const USUAL: Terms = { atOnce: "3", attempts: "3", retryHours: "4", perHour: "", hours: "" };

/** As the API takes it; what is not said is left out. */
export function termsAsked({ atOnce, attempts, retryHours, perHour, hours }: Terms): object {
  return {
    at_once: Number(atOnce),
    attempts: Number(attempts),
    retry_after_minutes: Math.round(Number(retryHours) * HOUR_MINUTES),
    ...(perHour && { per_hour: Number(perHour) }),
    ...(hours.trim() && { hours: hours.trim() }),
  };
}

interface Plan {
  name: string;
  purpose: string;
  whom: Whom;
  terms: Terms;
  agent: string;
}

const NOTHING: Plan = { name: "", purpose: "", whom: EVERYBODY, terms: USUAL, agent: "" };

/** Makes a call list: why people are called, whom it calls, and how. Nobody is called yet. */
export function MakeCallList({ http }: { http: Http }): ReactElement {
  const written = useDraft<Plan>("call_lists/new", NOTHING);
  const { change } = written;
  const { name, purpose, whom, terms, agent } = written.draft;
  const agents = useAgents(http);
  const [people, setPeople] = useState<number | null>(null);
  const asked = audienceAsked(whom);
  const make = useAction(async () => {
    const body = { name, purpose, ...asked, ...termsAsked(terms), ...(agent && { agent }) };
    const made = await http.post<CallList>("/api/call-lists", body, TIMEOUT_MS);
    written.end();
    location.hash = linkTo("call_lists", made.id);
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void make.run();
  };
  const set = (field: keyof Terms) => (value: string) => change({ terms: { ...terms, [field]: value } });
  const { atOnce, attempts, retryHours, perHour, hours } = terms;
  return (
    <>
      <p>
        <a href={linkTo("call_lists")}>← All call lists</a>
      </p>
      <Card title="Make a call list">
        <form className="form two plan" onSubmit={submit}>
          <Field label="Name" maxLength={200} value={name} onChange={(text) => change({ name: text })} />
          <Field
            label="Why: “I'm calling about …”"
            maxLength={200}
            placeholder="your trial"
            value={purpose}
            onChange={(text) => change({ purpose: text })}
          />
          <AgentChoice agents={agents} value={agent} onChange={(slug) => change({ agent: slug })} />
          <AudienceFields whom={whom} onChange={(next) => change({ whom: next })}>
            <PeopleCount http={http} asked={asked} onCount={setPeople} />
          </AudienceFields>
          <fieldset className="wide audience">
            <legend>How they are called</legend>
            <Amount label="Lines at once" value={atOnce} min={1} max={100} step={1} onChange={set("atOnce")} />
            <Amount
              label="Calls an hour at most"
              value={perHour}
              min={1}
              max={3600}
              step={1}
              required={false}
              onChange={set("perHour")}
            />
            <Amount label="Attempts each" value={attempts} min={1} max={10} step={1} onChange={set("attempts")} />
            <Amount
              label="Hours between attempts"
              value={retryHours}
              min={0.1}
              max={720}
              step="any"
              onChange={set("retryHours")}
            />
            <Field
              label="When, by their clock"
              placeholder="mon-fri 10:00-12:00, sat 10:00-11:00"
              maxLength={200}
              value={hours}
              onChange={set("hours")}
            />
            <p className="reach muted">Never outside the calling hours of the server, and never without consent.</p>
          </fieldset>
          <div className="buttons wide">
            <button
              type="submit"
              className="primary"
              disabled={make.busy || !name.trim() || !purpose.trim() || !people}
            >
              {make.busy ? "Making…" : "Make it"}
            </button>
            <DropButton written={written} busy={make.busy} />
            <small>Nobody is called yet.</small>
          </div>
          <Problem error={make.error} />
        </form>
      </Card>
    </>
  );
}
