import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { CampaignMessage } from "../api/types";
import { usd } from "../costs/usd";
import { Field } from "../field";
import { Badge, capital, Problem } from "../parts";
import { linkTo } from "../router";
import { reasonName } from "./names";

interface Props {
  http: Http;
  place: string;
  messages: readonly CampaignMessage[];
  onChanged: () => void;
}

/** One message after the other: what is decided on makes room for the next. */
export function Reader({ http, place, messages, onChanged }: Props): ReactElement | null {
  const [current, setCurrent] = useState<{ key: string; index: number } | null>(null);
  const [editing, setEditing] = useState(false);
  const found = messages.findIndex((each) => keyOf(each) === current?.key);
  // One that is no longer in the list has left its place to the next.
  const index = found >= 0 ? found : Math.min(current?.index ?? 0, messages.length - 1);
  const message = messages[index];
  const change = useAction(async (of: CampaignMessage, changes: Partial<CampaignMessage>) => {
    const step = of.step > 0 ? `?step=${of.step}` : "";
    await http.send("PATCH", `${place}/messages/${encodeURIComponent(of.lead_id)}${step}`, { body: changes });
    setCurrent({ key: keyOf(of), index });
    setEditing(false);
    onChanged();
  });
  if (!message) return null;
  const go = (to: number): void => {
    const next = messages[to];
    if (!next) return;
    setCurrent({ key: keyOf(next), index: to });
    setEditing(false);
    change.forget();
  };
  // Not disabled while busy: the focus is to stay on the button for the next message.
  const decide = (status: CampaignMessage["status"]): void => {
    if (!change.busy) void change.run(message, { status });
  };
  return (
    <section className="reader" aria-label="Message">
      <div className="reader-place">
        <p aria-live="polite">
          {index + 1} of {messages.length.toLocaleString()}
          <span className="sr">: to {message.contact_name ?? message.contact_email}</span>
        </p>
        <div className="buttons">
          <button type="button" disabled={index === 0} onClick={() => go(index - 1)}>
            Previous
          </button>
          <button type="button" disabled={index === messages.length - 1} onClick={() => go(index + 1)}>
            Next
          </button>
        </div>
      </div>
      <p className="reader-to">
        To <a href={linkTo("leads", message.lead_id)}>{message.contact_name ?? message.contact_email}</a>
        {message.company_name && ` at ${message.company_name}`}
        {message.step > 0 && `, follow-up ${message.step}`}{" "}
        {message.contact_name && <small>{message.contact_email}</small>}
      </p>
      {message.reason && message.status === "drafted" && (
        <p>
          <Badge tone="degraded">Held back</Badge> {capital(reasonName(message.reason))}: approve it here to send it all
          the same.
        </p>
      )}
      {editing ? (
        <Editor
          key={keyOf(message)}
          message={message}
          busy={change.busy}
          onSave={(changes) => void change.run(message, changes)}
          onCancel={() => setEditing(false)}
        />
      ) : (
        <>
          <article className="letter-text">
            <h3>{message.subject}</h3>
            <p>{message.body}</p>
          </article>
          <div className="buttons">
            {message.status !== "approved" && (
              <button type="button" className="primary" onClick={() => decide("approved")}>
                Approve
              </button>
            )}
            {message.status !== "rejected" && (
              <button type="button" onClick={() => decide("rejected")}>
                Reject
              </button>
            )}
            <button type="button" onClick={() => setEditing(true)}>
              Change the words
            </button>
            <small className="reader-by">
              by {message.engine ?? "nobody"} · {usd(message.cost_usd)}
            </small>
          </div>
        </>
      )}
      <Problem error={change.error} />
    </section>
  );
}

const keyOf = ({ lead_id, step }: CampaignMessage): string => `${lead_id} ${step}`;

interface EditorProps {
  message: CampaignMessage;
  busy: boolean;
  onSave: (changes: { subject: string; body: string }) => void;
  onCancel: () => void;
}

function Editor({ message, busy, onSave, onCancel }: EditorProps): ReactElement {
  const [subject, setSubject] = useState(message.subject ?? "");
  const [body, setBody] = useState(message.body ?? "");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSave({ subject, body });
  };
  return (
    <form className="form letter-editor" onSubmit={submit}>
      <Field label="Subject" maxLength={200} value={subject} onChange={setSubject} />
      <Field label="Message" long maxLength={8000} value={body} onChange={setBody} />
      <p className="buttons">
        <button type="submit" className="primary" disabled={busy || !subject.trim() || !body.trim()}>
          Keep it
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </p>
    </form>
  );
}
