import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { Topic } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { Field } from "../field";
import { Problem } from "../parts";
import { LONG_S, spokenS, wordsIn } from "./spoken";

interface Props {
  http: Http;
  /** Without an id it is a new one. */
  topic: Pick<Topic, "title" | "text"> & { id?: string };
  onDone: () => void;
}

/** A topic to write or to change. */
export function TopicForm({ http, topic, onDone }: Props): ReactElement {
  const [title, setTitle] = useState(topic.title);
  const [text, setText] = useState(topic.text);
  const place = topic.id === undefined ? "/api/knowledge" : `/api/knowledge/${topic.id}`;
  const keep = useAction(async () => {
    await http.send(topic.id === undefined ? "POST" : "PATCH", place, {
      body: { title: title.trim(), text: text.trim() },
    });
    onDone();
  });
  const forget = useAction(async () => {
    await http.send("DELETE", place);
    onDone();
  });
  const changed = title !== topic.title || text !== topic.text;
  const whole = title.trim() !== "" && text.trim() !== "";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (whole) void keep.run();
  };
  return (
    <form className="form" onSubmit={submit} aria-label={topic.title || "New topic"}>
      <Field label="How people ask for it" value={title} onChange={setTitle} />
      <Field label="What the agent says" value={text} onChange={setText} long />
      <Length text={text} />
      <div className="buttons">
        <button type="submit" className="primary" disabled={!whole || !changed || keep.busy}>
          Keep it
        </button>
        {changed && topic.id !== undefined ? (
          <ConfirmButton
            question="What you changed is lost."
            yes="Drop the changes"
            disabled={keep.busy}
            onConfirm={onDone}
          >
            Cancel
          </ConfirmButton>
        ) : (
          <button type="button" onClick={onDone}>
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
