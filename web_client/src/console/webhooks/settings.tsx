import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { Webhook } from "../api/types";
import { Field } from "../field";
import { Card, Problem } from "../parts";
import { Words } from "./add";
import { ChooseEvents } from "./choose";

interface Props {
  http: Http;
  place: string;
  webhook: Webhook;
  onChanged: () => void;
}

/** Where events go, and which. */
export function SettingsCard({ http, place, webhook, onChanged }: Props): ReactElement {
  const [url, setUrl] = useState(webhook.url);
  const [description, setDescription] = useState(webhook.description);
  const [events, setEvents] = useState<string[]>(webhook.events);
  const [words, setWords] = useState(webhook.include_words);
  const save = useAction(async () => {
    const body = { url: url.trim(), description: description.trim(), events, include_words: words };
    await http.send("PATCH", place, { body });
    onChanged();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save.run();
  };
  return (
    <Card title="Settings">
      <form className="form" onSubmit={submit}>
        <Field label="Where events go" maxLength={2000} value={url} onChange={setUrl} />
        <Field label="What it is for" maxLength={200} value={description} onChange={setDescription} />
        <ChooseEvents http={http} chosen={events} onChange={setEvents} />
        <Words checked={words} onChange={setWords} />
        <p className="buttons">
          <button type="submit" disabled={save.busy || !url.trim() || events.length === 0}>
            {save.busy ? "Saving…" : "Save"}
          </button>
        </p>
        <Problem error={save.error} />
      </form>
    </Card>
  );
}
