import { type FormEvent, type ReactElement, useCallback, useState } from "react";
import { useAction, useLoad } from "../action";
import { Output } from "../agents/run_view";
import type { Http } from "../api/http";
import type { Contact } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { Field } from "../field";
import { Ago } from "../moment";
import { Card, Empty, Figure, Loading, Problem } from "../parts";
import { linkTo } from "../router";
import { PLATFORMS } from "../sync/names";
import { nameOf } from "./names";
import { Reach } from "./reach";

const FIELDS = [
  ["first_name", "First name"],
  ["last_name", "Last name"],
  ["email", "E-mail"],
  ["phone", "Phone"],
  ["company", "Company"],
  ["title", "Title"],
  ["linkedin_url", "LinkedIn"],
] as const;

type Values = Partial<Record<(typeof FIELDS)[number][0], string>>;

/** One contact, changed here and at the CRM. `id` null: a new one. */
export function ContactDetail({ http, id }: { http: Http; id: string | null }): ReactElement {
  const [contact, setContact] = useState<Contact | null>(null);
  const [changes, setChanges] = useState<Values>({});
  const place = `/api/contacts/${encodeURIComponent(id ?? "")}`;
  const load = useLoad(
    useCallback(async () => {
      if (id !== null) setContact(await http.get<Contact>(place));
    }, [http, id, place]),
  );
  const save = useAction(async (values: Values) => {
    const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.trim() || null]));
    if (id !== null) {
      setContact(await http.send<Contact>("PATCH", place, { body: given }));
      setChanges({});
    } else {
      const made = await http.post<Contact>("/api/contacts", given);
      location.hash = linkTo("contacts", made.id);
    }
  });
  const remove = useAction(async () => {
    await http.send("DELETE", place);
    location.hash = linkTo("contacts");
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save.run(changes);
  };
  const isGone = Boolean(contact?.deleted_at);
  return (
    <>
      <p>
        <a href={linkTo("contacts")}>← All contacts</a>
      </p>
      <div className="columns">
        <Card title={id === null ? "New contact" : contact ? nameOf(contact) : "Contact"}>
          <Problem error={load.error} />
          {isGone && <p className="problem">This contact was deleted.</p>}
          {id !== null && !contact && !load.error && <Loading />}
          {(id === null || contact) && (
            <form className="form two" onSubmit={submit}>
              {FIELDS.map(([name, label]) => (
                <Field
                  key={name}
                  label={label}
                  type={name === "email" ? "email" : name === "phone" ? "tel" : "text"}
                  disabled={isGone}
                  value={changes[name] ?? contact?.[name] ?? ""}
                  onChange={(value) => setChanges({ ...changes, [name]: value })}
                />
              ))}
              <div className="buttons wide">
                <button
                  type="submit"
                  className="primary"
                  disabled={save.busy || isGone || Object.keys(changes).length === 0}
                >
                  {id === null ? "Add" : "Save"}
                </button>
                {contact && !isGone && (
                  <ConfirmButton
                    question="At the CRM too."
                    yes="Delete"
                    disabled={remove.busy}
                    onConfirm={() => void remove.run()}
                  >
                    Delete
                  </ConfirmButton>
                )}
              </div>
              <Problem error={save.error ?? remove.error} />
            </form>
          )}
        </Card>
        {contact && (
          <div className="stack">
            <Reach http={http} contact={contact} onChange={setContact} />
            <Card title="At the CRM">
              <dl className="figures">
                <Figure name="CRM" value={PLATFORMS[contact.crm_platform]} />
                <Figure name="Known there as" value={contact.external_id ?? "not there yet"} />
                <Figure
                  name="Synced"
                  value={contact.last_synced_at ? <Ago moment={contact.last_synced_at} /> : "never"}
                />
                {contact.lead_id && (
                  <Figure name="Lead" value={<a href={linkTo("leads", contact.lead_id)}>Open it</a>} />
                )}
              </dl>
            </Card>
            <Card title="Found out about them">
              {Object.keys(contact.enrichment_data).length > 0 ? (
                <Output value={contact.enrichment_data} />
              ) : (
                <Empty title="Nothing yet.">
                  <p>Apollo and LinkedIn add to contacts with every sync.</p>
                </Empty>
              )}
            </Card>
          </div>
        )}
      </div>
    </>
  );
}
