import type { ReactElement, ReactNode } from "react";
import { Amount } from "../amount";
import { type Audience, LEAD_STATUSES } from "../api/types";
import { Choice } from "../choice";
import { Field } from "../field";
import { capital } from "../parts";

const MOST_LEADS = 5000;

/** Leads, as the form has them. */
export interface Whom {
  about: Record<string, string>;
  most: string;
}

export const EVERYBODY: Whom = { about: {}, most: "500" };

/** As the API takes it; what is not said is left out. */
export function audienceAsked({ about, most }: Whom): { audience: Audience; max_leads: number } {
  const given = Object.entries(about).filter(([, value]) => value.trim());
  const audience = Object.fromEntries(
    given.map(([name, value]) => [name, name === "min_score" ? Number(value) : value.trim()]),
  ) as Audience;
  return { audience, max_leads: Math.min(MOST_LEADS, Math.max(1, Math.floor(Number(most)) || 1)) };
}

interface Props {
  whom: Whom;
  onChange: (whom: Whom) => void;
  /** How many these are. */
  children: ReactNode;
}

/** Whom something is for: leads by what they are. */
export function AudienceFields({ whom, onChange, children }: Props): ReactElement {
  const { about } = whom;
  const set = (field: string) => (value: string) => onChange({ ...whom, about: { ...about, [field]: value } });
  return (
    <fieldset className="wide audience">
      <legend>Whom it is for</legend>
      <Choice label="Status" value={about.status ?? ""} onChange={set("status")}>
        <option value="">Every status</option>
        {LEAD_STATUSES.map((status) => (
          <option key={status} value={status}>
            {capital(status)}
          </option>
        ))}
      </Choice>
      <Choice label="Score" value={about.min_score ?? ""} onChange={set("min_score")}>
        <option value="">Any score</option>
        <option value="70">Hot: from 70</option>
        <option value="40">Warm: from 40</option>
        <option value="1">Scored</option>
      </Choice>
      <Field label="Industry" maxLength={300} value={about.industry ?? ""} onChange={set("industry")} />
      <Field label="Company, person or address" maxLength={200} value={about.search ?? ""} onChange={set("search")} />
      <Amount
        label="At most so many leads"
        value={whom.most}
        min={1}
        max={MOST_LEADS}
        step={1}
        onChange={(most) => onChange({ ...whom, most })}
      />
      {children}
    </fieldset>
  );
}
