import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { Findings } from "../api/types";
import { Card, Empty, Problem } from "../parts";

interface Props {
  http: Http;
  /** A question that finds nothing is to become a topic; null while another is being written. */
  onMissing: ((question: string) => void) | null;
}

/** What the agent would find to answer a question. */
export function QuestionCard({ http, onMissing }: Props): ReactElement {
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<{ query: string; passages: Findings["passages"] } | null>(null);
  const ask = useAction(async (asked: string) => {
    setFound(null);
    const { passages } = await http.get<Findings>("/api/knowledge/search", { query: asked });
    setFound({ query: asked, passages });
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (query.trim()) void ask.run(query.trim());
  };
  return (
    <Card title="Try a question">
      <form className="question" onSubmit={submit}>
        <input
          type="search"
          aria-label="Question"
          placeholder="As a caller would ask it"
          maxLength={500}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <button type="submit" className="primary" disabled={ask.busy || !query.trim()}>
          Ask
        </button>
      </form>
      <Problem error={ask.error} />
      <div aria-live="polite">
        {found?.passages.length === 0 && (
          <Empty title="The agent would say that it does not know.">
            <p>
              <button type="button" disabled={!onMissing} onClick={() => onMissing?.(found.query)}>
                Teach it the answer
              </button>
              {!onMissing && <small> Keep or cancel the topic you are writing first.</small>}
            </p>
          </Empty>
        )}
        <ol className="findings">
          {found?.passages.map(({ title, text, score }) => (
            <li key={title + text}>
              <b>{title}</b> <small>{Math.round(100 * score)} % of the question</small>
              <p>{text}</p>
            </li>
          ))}
        </ol>
      </div>
    </Card>
  );
}
