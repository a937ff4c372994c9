import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { MadeWebhook } from "../api/types";
import { Field } from "../field";
import { Card, Problem } from "../parts";
import { ChooseEvents } from "./choose";
import { Secret } from "./secret";

/** Adds an endpoint, and shows its secret this once. */
export function AddWebhookCard({ http, onMade }: { http: Http; onMade: () => void }): ReactElement {
  const [url, setUrl] = useState("");
  const [description, setDescription] = useState("");
  const [events, setEvents] = useState<string[]>([]);
  const [words, setWords] = useState(false);
  const [made, setMade] = useState<MadeWebhook | null>(null);
  const add = useAction(async () => {
    const body = { url: url.trim(), description: description.trim(), events, include_words: words };
    setMade(await http.post<MadeWebhook>("/api/webhooks", body));
    setUrl("");
    setDescription("");
    setEvents([]);
    setWords(false);
    onMade();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void add.run();
  };
  return (
    <Card title="Add a webhook">
      <form className="form" onSubmit={submit}>
        <Field
          label="Where events go"
          maxLength={2000}
          placeholder="https://example.com/hooks"
          value={url}
          onChange={setUrl}
        />
        <Field
          label="What it is for"
          maxLength={200}
          placeholder="Our CRM"
          value={description}
          onChange={setDescription}
        />
        <ChooseEvents http={http} chosen={events} onChange={setEvents} />
        <Words checked={words} onChange={setWords} />
        <p className="buttons">
          <button type="submit" className="primary" disabled={add.busy || !url.trim() || events.length === 0}>
            {add.busy ? "Adding it…" : "Add it"}
          </button>
        </p>
        <Problem error={add.error} />
      </form>
      <div role="status">{made && <Secret about={made.url} text={made.secret} onDone={() => setMade(null)} />}</div>
    </Card>
  );
}

/** Whether what people said goes along. */
export function Words({ checked, onChange }: { checked: boolean; onChange: (checked: boolean) => void }): ReactElement {
  return (
    <fieldset className="scopes">
      <legend>Words</legend>
      <label>
        <input type="checkbox" checked={checked} onChange={({ target }) => onChange(target.checked)} />
        <span>
          What people said goes along <small>of conversations that ended, and of hand-overs</small>
        </span>
      </label>
    </fieldset>
  );
}
