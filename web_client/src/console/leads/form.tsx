import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { LeadRecord } from "../api/types";
import type { Written } from "../drafts";
import { DropButton } from "../drop_button";
import { Field } from "../field";
import { Problem } from "../parts";
import { linkTo } from "../router";

const FIELDS = [
  ["company_name", "Company"],
  ["contact_name", "Contact"],
  ["contact_title", "Title"],
  ["contact_email", "E-mail"],
  ["contact_phone", "Phone"],
  ["time_zone", "Time zone"],
  ["company_website", "Website"],
  ["company_size", "People"],
  ["industry", "Industry"],
  ["linkedin_url", "LinkedIn"],
  ["need", "Need"],
  ["budget", "Budget"],
  ["authority", "Who decides"],
  ["timing", "When"],
  ["notes", "Notes"],
] as const;

export type Values = Partial<Record<(typeof FIELDS)[number][0], string>>;

interface Props {
  http: Http;
  /** Null: a new one. */
  id: string | null;
  lead: LeadRecord | null;
  /** The changes. */
  written: Written<Values>;
  onSaved: (lead: LeadRecord) => void;
}

/** What is known of a lead, to be changed. */
export function LeadForm({ http, id, lead, written, onSaved }: Props): ReactElement {
  const { draft: changes, change } = written;
  const [isSaved, setSaved] = useState(false);
  const save = useAction(async (values: Values) => {
    if (id !== null) {
      const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value || null]));
      onSaved(await http.send<LeadRecord>("PATCH", `/api/leads/${encodeURIComponent(id)}`, { body: given }));
      setSaved(true);
    } else {
      const made = await http.post<LeadRecord>("/api/leads", filled(values));
      written.end();
      location.hash = linkTo("leads", made.id);
    }
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save.run(changes);
  };
  const isChanged = Object.keys(changes).length > 0;
  return (
    <form className="form two" onSubmit={submit}>
      {FIELDS.map(([name, label]) => (
        <Field
          key={name}
          label={label}
          type={name === "contact_email" ? "email" : "text"}
          long={name === "notes"}
          placeholder={name === "time_zone" ? "Europe/Berlin" : ""}
          value={changes[name] ?? lead?.[name] ?? ""}
          onChange={(value) => change({ [name]: value })}
        />
      ))}
      <div className="buttons wide">
        <button type="submit" className="primary" disabled={save.busy || !isChanged}>
          {id === null ? "Add" : "Save"}
        </button>
        <DropButton written={written} busy={save.busy} />
        <small role="status">{isSaved && !isChanged && "Saved."}</small>
      </div>
      <Problem error={save.error} />
    </form>
  );
}

const filled = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value?.trim())) as Values;
