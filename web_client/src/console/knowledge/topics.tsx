import { type ReactElement, useState } from "react";
import type { Http } from "../api/http";
import type { Topic } from "../api/types";
import { Empty } from "../parts";
import { spokenS } from "./spoken";
import { TopicForm, topicDraft } from "./topic_form";

interface Props {
  http: Http;
  topics: readonly Topic[];
  onChanged: () => void;
}

/** What was taught, to be searched, read and changed in place. */
export function Topics({ http, topics, onChanged }: Props): ReactElement {
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState(() => topics.map(({ id }) => id).filter(topicDraft));
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = topics.filter(({ id, title, text }) => {
    if (open.includes(id)) return true;
    const all = `${title} ${text}`.toLowerCase();
    return wanted.every((word) => all.includes(word));
  });
  return (
    <>
      <search className="filters">
        <input
          type="search"
          aria-label="Search topics"
          placeholder="Words in a topic"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </search>
      {found.length === 0 && <Empty title="No topic has these words." />}
      <ul className="topics">
        {found.map((topic) => (
          <li key={topic.id}>
            {open.includes(topic.id) ? (
              <TopicForm
                http={http}
                topic={topic}
                onDone={() => {
                  setOpen((now) => now.filter((id) => id !== topic.id));
                  onChanged();
                }}
              />
            ) : (
              <div className="topic">
                <button
                  type="button"
                  className="plain"
                  aria-label={`Change ${topic.title}`}
                  onClick={() => setOpen((now) => [...now, topic.id])}
                >
                  <b>{topic.title}</b>
                </button>{" "}
                <small>{spokenS(topic.text)} s to say</small>
                <p>{topic.text}</p>
              </div>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
