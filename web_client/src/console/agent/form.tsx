import type { ReactElement } from "react";
import { Amount } from "../amount";
import type { Http } from "../api/http";
import type { AgentFacts, Eagerness } from "../api/types";
import { Choice } from "../choice";
import { Field } from "../field";
import { LanguageField } from "./language";
import { Questions } from "./questions";
import { VoiceField } from "./voice";

const EAGERNESS: Record<Eagerness, string> = {
  auto: "When it sounds finished",
  low: "Waits longer",
  medium: "In between",
  high: "Answers quickly",
};

interface Props {
  http: Http;
  facts: AgentFacts;
  onChange: (facts: AgentFacts) => void;
}

/** Who the agent is, to be written. */
export function AgentForm({ http, facts, onChange }: Props): ReactElement {
  const set =
    <N extends keyof AgentFacts>(name: N) =>
    (value: AgentFacts[N]): void =>
      onChange({ ...facts, [name]: value });
  return (
    <>
      <Field label="Its name" maxLength={60} placeholder="Ava" value={facts.name} onChange={set("name")} />
      <Field label="Your company" maxLength={80} value={facts.company} onChange={set("company")} />
      <div className="wide hinted">
        <Field
          label="What it says first"
          maxLength={400}
          placeholder="in its own words"
          value={facts.greeting}
          onChange={set("greeting")}
        />
        <small>A call that it makes itself begins with who calls and why, as the law wants it.</small>
      </div>
      <Field
        label="What it sells, and what one should know"
        maxLength={4000}
        long
        value={facts.about}
        onChange={set("about")}
      />
      <div className="wide hinted">
        <Field
          label="Rules, a line each"
          long
          placeholder={"Never promise a discount.\nOffer a visit to whoever is near."}
          value={facts.rules.join("\n")}
          onChange={(text) => onChange({ ...facts, rules: text ? text.split("\n") : [] })}
        />
        <small>What to do, and what it never says. Models follow them; the embedded playbook cannot.</small>
      </div>
      <Questions questions={facts.questions} onChange={set("questions")} />
      <fieldset className="wide scopes">
        <label>
          <input
            type="checkbox"
            checked={facts.qualifies}
            onChange={({ target }) => set("qualifies")(target.checked)}
          />
          <span>Also ask how large their team is, what they can spend, who decides and by when</span>
        </label>
      </fieldset>
      <LanguageField http={http} value={facts.language} onChange={set("language")} />
      <VoiceField http={http} facts={facts} onChange={set("voice")} />
      <Amount
        label="Speed (1 is normal)"
        value={String(facts.speed)}
        min={0.25}
        max={1.5}
        step={0.05}
        onChange={(text) => onChange({ ...facts, speed: Number(text) })}
      />
      <Choice
        label="When it takes its turn"
        value={facts.eagerness}
        onChange={(value) => onChange({ ...facts, eagerness: value as Eagerness })}
      >
        {Object.entries(EAGERNESS).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </Choice>
      <Field
        label="A person is reached at"
        type="tel"
        placeholder="as TRANSFER_NUMBER says"
        value={facts.transfer_number ?? ""}
        onChange={(number) => onChange({ ...facts, transfer_number: number || null })}
      />
      <Field
        label="Numbers it answers, a line each"
        long
        placeholder="+14155550100"
        value={facts.numbers.join("\n")}
        onChange={(text) => onChange({ ...facts, numbers: text ? text.split("\n") : [] })}
      />
    </>
  );
}
