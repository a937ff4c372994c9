import type { ReactElement } from "react";
import { Choice } from "../choice";
import { Field } from "../field";

/** How a campaign's messages go out, as the form has it. */
export interface Way {
  send: boolean;
  /** Days after the first message, such as `3, 7`. */
  followUps: string;
  variants: string;
}

export const AS_DRAFTS: Way = { send: false, followUps: "", variants: "1" };

/** As the API takes it; what is not said is left out. */
export function wayAsked({ send, followUps, variants }: Way): object {
  const days = followUps
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
  return {
    ...(send && { send }),
    ...(days.length > 0 && { follow_up_days: days }),
    ...(variants !== "1" && { variants: Number(variants) }),
  };
}

interface Props {
  way: Way;
  onChange: (way: Way) => void;
}

/** Who sends the messages, what follows them, and how many subjects are tried. */
export function WayOut({ way, onChange }: Props): ReactElement {
  return (
    <fieldset className="wide audience">
      <legend>How it goes out</legend>
      <Choice
        label="Who sends what is approved"
        value={way.send ? "crm" : "person"}
        onChange={(value) => onChange({ ...way, send: value === "crm" })}
      >
        <option value="person">A person, from drafts in the CRM</option>
        <option value="crm">The CRM, at once</option>
      </Choice>
      <Choice
        label="Subjects tried beside each other"
        value={way.variants}
        onChange={(variants) => onChange({ ...way, variants })}
      >
        <option value="1">One</option>
        <option value="2">Two</option>
        <option value="3">Three</option>
      </Choice>
      <Field
        label="Follow-ups, in days after the first"
        placeholder="3, 7"
        maxLength={20}
        value={way.followUps}
        onChange={(followUps) => onChange({ ...way, followUps })}
      />
    </fieldset>
  );
}
