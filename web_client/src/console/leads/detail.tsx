import { type FormEvent, type ReactElement, useCallback, useState } from "react";
import { useAction, useLoad } from "../action";
import type { Http } from "../api/http";
import type { LeadRecord, ListedConversation, Page } from "../api/types";
import { ConversationList } from "../conversations/list";
import { PersonCard } from "../erasures/person";
import { Field } from "../field";
import { Card, Empty, Figure, Problem, words } from "../parts";
import { linkTo } from "../router";
import { Calls } from "./calls";
import { Score } from "./score";
import { Social } from "./social";
import { qualifyLead } from "./table";

const FIELDS = [
  ["company_name", "Company"],
  ["contact_name", "Contact"],
  ["contact_title", "Title"],
  ["contact_email", "E-mail"],
  ["contact_phone", "Phone"],
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

type Values = Partial<Record<(typeof FIELDS)[number][0], string>>;

/** One lead: its facts to change, its score with the reasons, its conversations. `id` null: a new one. */
export function LeadDetail({ http, id }: { http: Http; id: string | null }): ReactElement {
  const [lead, setLead] = useState<LeadRecord | null>(null);
  const [changes, setChanges] = useState<Values>({});
  const load = useLoad(
    useCallback(async () => {
      if (id !== null) setLead(await http.get<LeadRecord>(`/api/leads/${encodeURIComponent(id)}`));
    }, [http, id]),
  );
  const save = useAction(async (values: Values) => {
    if (id !== null) {
      const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value || null]));
      setLead(await http.send<LeadRecord>("PATCH", `/api/leads/${encodeURIComponent(id)}`, { body: given }));
      setChanges({});
    } else {
      const made = await http.post<LeadRecord>("/api/leads", filled(values));
      location.hash = linkTo("leads", made.id);
    }
  });
  const qualify = useAction(async (of: string) => {
    await qualifyLead(http, of);
    await load.run();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save.run(changes);
  };
  return (
    <>
      <p>
        <a href={linkTo("leads")}>← All leads</a>
      </p>
      <div className="columns">
        <Card title={id === null ? "New lead" : (lead?.company_name ?? lead?.contact_name ?? "Lead")}>
          <Problem error={load.error} />
          <form className="form two" onSubmit={submit}>
            {FIELDS.map(([name, label]) => (
              <Field
                key={name}
                label={label}
                type={name === "contact_email" ? "email" : "text"}
                long={name === "notes"}
                value={changes[name] ?? lead?.[name] ?? ""}
                onChange={(value) => setChanges({ ...changes, [name]: value })}
              />
            ))}
            <p className="buttons wide">
              <button type="submit" className="primary" disabled={save.busy || Object.keys(changes).length === 0}>
                {id === null ? "Add" : "Save"}
              </button>
            </p>
            <Problem error={save.error} />
          </form>
        </Card>
        {lead && (
          <div className="stack">
            <Card
              title="Qualification"
              aside={
                <span className="buttons">
                  <button type="button" disabled={qualify.busy} onClick={() => void qualify.run(lead.id)}>
                    {qualify.busy ? "Qualifying…" : "Qualify"}
                  </button>
                  <a className="button" href={linkTo("agents", lead.id)}>
                    Run an agent
                  </a>
                  <a className="button" href={linkTo("research", "lead", lead.id)}>
                    Research
                  </a>
                </span>
              }
            >
              <Problem error={qualify.error} />
              <dl className="figures">
                <Figure name="Score" value={<Score lead={lead} />} />
                <Figure name="Status" value={lead.opted_out_at ? "Do not contact" : words(lead.status)} />
                <Figure name="Source" value={lead.source ?? "–"} />
              </dl>
              {lead.qualification_reasoning && <p className="reasoning">{lead.qualification_reasoning}</p>}
            </Card>
            {lead.contact_phone && <Calls http={http} id={lead.id} />}
            <Social http={http} id={lead.id} />
            <Talks http={http} id={lead.id} />
            <PersonCard title="Their data" http={http} subject={{ lead_id: lead.id }} />
          </div>
        )}
      </div>
    </>
  );
}

function Talks({ http, id }: { http: Http; id: string }): ReactElement {
  const [talks, setTalks] = useState<ListedConversation[] | null>(null);
  const load = useLoad(
    useCallback(async () => {
      setTalks((await http.get<Page<ListedConversation>>("/api/conversations", { lead_id: id, limit: 10 })).items);
    }, [http, id]),
  );
  return (
    <Card title="Conversations">
      <Problem error={load.error} />
      {talks?.length === 0 && <Empty title="None yet." />}
      {talks && talks.length > 0 && <ConversationList conversations={talks} selected={null} />}
    </Card>
  );
}

const filled = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value?.trim())) as Values;
