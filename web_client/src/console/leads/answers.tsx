import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { AnswerNote, LeadRecord } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { Ago } from "../moment";
import { Card, capital, Problem } from "../parts";

const MOST_CHARS = 500;

interface Props {
  http: Http;
  lead: LeadRecord;
  onSaved: (lead: LeadRecord) => void;
  /** Somebody else changed it meanwhile. */
  onStale: () => void;
}

/** What they said to the agent's own questions, for a person to correct. */
export function Answers({ http, lead, onSaved, onStale }: Props): ReactElement | null {
  const keys = Object.keys({ ...lead.answers, ...lead.answer_notes });
  if (keys.length === 0) return null;
  return (
    <Card title="What they answered">
      <dl className="answers">
        {keys.map((key) => (
          <Answer key={key} name={key} http={http} lead={lead} onSaved={onSaved} onStale={onStale} />
        ))}
      </dl>
    </Card>
  );
}

function Answer({ http, lead, name, onSaved, onStale }: Props & { name: string }): ReactElement {
  const [draft, setDraft] = useState<string | null>(null);
  const words = lead.answers[name] ?? null;
  const note = lead.answer_notes[name];
  const question = note?.question ?? capital(name.replaceAll("_", " "));
  const write = useAction(async (next: string | null) => {
    const body = { answers: { [name]: next }, answers_seen: { [name]: words } };
    try {
      onSaved(await http.send<LeadRecord>("PATCH", `/api/leads/${encodeURIComponent(lead.id)}`, { body }));
      setDraft(null);
    } catch (reason) {
      onStale();
      throw reason;
    }
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void write.run(draft?.trim() ?? "");
  };
  return (
    <div>
      <dt>{question}</dt>
      <dd>
        <span className="answer">
          <span>{words}</span>
          {draft === null && (
            <button type="button" aria-label={`Correct: ${question}`} onClick={() => setDraft(words ?? "")}>
              Correct
            </button>
          )}
        </span>
        {note && <Told note={note} isTaken={words === null} />}
        {draft !== null && (
          <form className="answer-form" onSubmit={submit}>
            <input
              // biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was pressed
              autoFocus
              aria-label={question}
              maxLength={MOST_CHARS}
              value={draft}
              onChange={({ target }) => setDraft(target.value)}
            />
            <span className="buttons">
              <button type="submit" className="primary" disabled={write.busy || !draft.trim() || draft === words}>
                Save
              </button>
              <button
                type="button"
                onClick={() => {
                  setDraft(null);
                  write.forget();
                }}
              >
                Cancel
              </button>
              {words !== null && (
                <ConfirmButton
                  question="They have not answered it then."
                  yes="Take it away"
                  disabled={write.busy}
                  onConfirm={() => void write.run(null)}
                >
                  Take away
                </ConfirmButton>
              )}
            </span>
          </form>
        )}
        <Problem error={write.error} />
      </dd>
    </div>
  );
}

/** When it was said; or who wrote it, or took it away. */
function Told({ note: { at, key_id, key_name }, isTaken }: { note: AnswerNote; isTaken: boolean }): ReactElement {
  return (
    <small>
      {key_id ? `${isTaken ? "Taken away" : "Written"} by ${key_name ?? "somebody"}, ` : "Told the agent "}
      <Ago moment={at} />
    </small>
  );
}
