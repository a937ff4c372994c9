import { type ReactElement, useCallback, useState } from "react";
import type { KnowledgeStatus, Page, Topic } from "../api/types";
import type { PageProps } from "../app";
import { DocumentCard } from "../knowledge/document";
import { DocumentsCard } from "../knowledge/documents";
import { QuestionCard } from "../knowledge/question";
import { NEW, TopicForm, topicDraft } from "../knowledge/topic_form";
import { Topics } from "../knowledge/topics";
import { Card, Empty, Loading, Problem } from "../parts";
import { usePolling } from "../polling";

const EVERY_MS = 10_000;

/** The API keeps no more. */
const ALL = 1000;

/** What the agent knows of the product: tried, taught, changed while calls run. */
export function KnowledgePage({ http }: PageProps): ReactElement {
  const [draft, setDraft] = useState(() => topicDraft(NEW)?.title ?? null);
  const status = usePolling(
    useCallback(() => http.get<KnowledgeStatus>("/api/knowledge/status"), [http]),
    EVERY_MS,
  );
  const topics = usePolling(
    useCallback(() => http.get<Page<Topic>>("/api/knowledge", { limit: ALL }), [http]),
    EVERY_MS,
  );
  const { again: askStatus } = status;
  const { again: askTopics } = topics;
  const changed = useCallback(() => {
    askStatus();
    askTopics();
  }, [askStatus, askTopics]);
  const kept = topics.value?.items;
  return (
    <>
      {status.value?.uses_example && <ExampleNotice subject={status.value.subject} />}
      <QuestionCard http={http} onMissing={draft === null ? setDraft : null} />
      <Card
        title="Topics"
        aside={
          <button type="button" className="primary" disabled={draft !== null} onClick={() => setDraft("")}>
            Add a topic
          </button>
        }
      >
        <Problem error={topics.error ?? status.error} />
        {!kept && !topics.error && <Loading />}
        {draft !== null && (
          <TopicForm
            key={draft}
            http={http}
            topic={{ title: draft, text: "" }}
            onDone={() => {
              setDraft(null);
              changed();
            }}
          />
        )}
        {kept?.length === 0 && draft === null && (
          <Empty title="Nothing was taught yet.">
            <p>A topic is how people ask for something, and a few short sentences that sound right when spoken.</p>
          </Empty>
        )}
        {kept && kept.length > 0 && <Topics http={http} topics={kept} onChanged={changed} />}
        <FromFile count={status.value?.file_topics ?? 0} />
      </Card>
      <DocumentsCard http={http} onChanged={changed} />
      <DocumentCard http={http} stored={kept?.length ?? 0} onDone={changed} />
    </>
  );
}

function ExampleNotice({ subject }: { subject: string }): ReactElement {
  return (
    <p className="problem" role="status">
      The agent sells {subject}, a made-up product with made-up prices, until you teach it yours. The example goes with
      the first topic.
    </p>
  );
}

function FromFile({ count }: { count: number }): ReactElement | null {
  if (count === 0) return null;
  return (
    <p className="muted">
      {count} more {count === 1 ? "topic is" : "topics are"} in the file that <code>KNOWLEDGE_FILE</code> names, and{" "}
      {count === 1 ? "is" : "are"} changed there.
    </p>
  );
}
