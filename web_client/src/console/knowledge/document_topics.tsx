import { type ReactElement, useCallback } from "react";
import type { Http } from "../api/http";
import type { Page, Topic } from "../api/types";
import { Loading, Problem } from "../parts";
import { usePolling } from "../polling";

const EVERY_MS = 30_000;
const ALL = 1000;

/** What came of a document, in its order. */
export function DocumentTopics({ http, id }: { http: Http; id: string }): ReactElement {
  const topics = usePolling(
    useCallback(() => http.get<Page<Topic>>(`/api/documents/${id}/topics`, { limit: ALL }), [http, id]),
    EVERY_MS,
  );
  return (
    <>
      <Problem error={topics.error} />
      {!topics.value && !topics.error && <Loading />}
      <ol className="findings">
        {topics.value?.items.map(({ id: topic, title, text }) => (
          <li key={topic}>
            <b>{title}</b>
            <p>{text}</p>
          </li>
        ))}
      </ol>
    </>
  );
}
