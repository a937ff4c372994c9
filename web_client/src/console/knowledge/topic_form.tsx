import { type FormEvent, type ReactElement, useEffect, useRef, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { Topic } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { draftOf, setDraft } from "../drafts";
import { Field } from "../field";
import { Problem } from "../parts";
import { LONG_S, spokenS, wordsIn } from "./spoken";

/** The API takes no more. */
const TITLE_CHARS = 300;
const TEXT_CHARS = 4000;

/** Of the topic that has no id yet. */
export const NEW = "new";

type Draft = Pick<Topic, "title" | "text">;

const placeOf = (id: string): string => `knowledge/${id}`;

export const topicDraft = (id: string): Draft | null => draftOf<Draft>(placeOf(id));

interface Props {
  http: Http;
  /** Without an id it is a new one. */
  topic: Pick<Topic, "title" | "text"> & { id?: string };
  onDone: () => void;
}

/** A topic to write or to change. What was written stays until it is kept or dropped, wherever one goes meanwhile. */
export function TopicForm({ http, topic, onDone }: Props): ReactElement {
  const id = topic.id ?? NEW;
  const [draft] = useState(() => topicDraft(id));
  const [title, setTitle] = useState(draft?.title ?? topic.title);
  const [text, setText] = useState(draft?.text ?? topic.text);
  const form = useRef<HTMLFormElement>(null);
  const place = topic.id === undefined ? "/api/knowledge" : `/api/knowledge/${topic.id}`;
  const done = (): void => {
    setDraft(placeOf(id), null);
    onDone();
  };
  const keep = useAction(async () => {
    await http.send(topic.id === undefined ? "POST" : "PATCH", place, {
      body: { title: title.trim(), text: text.trim() },
    });
    done();
  });
  const forget = useAction(async () => {
    await http.send("DELETE", place);
    done();
  });
  const changed = title !== topic.title || text !== topic.text;
  useEffect(() => setDraft(placeOf(id), changed ? { title, text } : null), [id, changed, title, text]);
  useEffect(() => {
    // The button that opened the form is gone or far; a draft that is back by itself takes no focus.
    if (!draft) form.current?.querySelector<HTMLElement>(topic.title ? "textarea" : "input")?.focus();
  }, [draft, topic.title]);
  const whole = title.trim() !== "" && text.trim() !== "";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (whole) void keep.run();
  };
  return (
    <form ref={form} className="form" onSubmit={submit} aria-label={topic.title || "New topic"}>
      <Field
        label="How people ask for it"
        value={title}
        onChange={setTitle}
        maxLength={TITLE_CHARS}
        disabled={keep.busy}
      />
      <Field
        label="What the agent says"
        value={text}
        onChange={setText}
        maxLength={TEXT_CHARS}
        disabled={keep.busy}
        long
      />
      <Length text={text} />
      <div className="buttons">
        <button type="submit" className="primary" disabled={!whole || !changed || keep.busy}>
          Keep it
        </button>
        {changed ? (
          <ConfirmButton question="What you wrote is lost." yes="Drop it" disabled={keep.busy} onConfirm={done}>
            Cancel
          </ConfirmButton>
        ) : (
          <button type="button" onClick={done}>
            Cancel
          </button>
        )}
        {topic.id !== undefined && (
          <ConfirmButton
            question="The agent no longer knows it then."
            yes="Forget it"
            disabled={forget.busy}
            onConfirm={() => void forget.run()}
          >
            Forget
          </ConfirmButton>
        )}
      </div>
      <Problem error={keep.error ?? forget.error} />
    </form>
  );
}

function Length({ text }: { text: string }): ReactElement {
  const seconds = spokenS(text);
  return (
    <p className="muted" role="status">
      {wordsIn(text)} words, about {seconds} s to say
      {seconds > LONG_S && ". Callers stop listening before that: say the most important first, or make two topics."}
    </p>
  );
}
