import { type FormEvent, type ReactElement, useCallback, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { ListedResearch, Page } from "../api/types";
import { usd } from "../costs/usd";
import { Field } from "../field";
import { ShowMore, useGrowing } from "../growing";
import { Ago } from "../moment";
import { Badge, Card, capital, Empty, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { type Column, Table } from "../table";
import { milliseconds } from "../times";
import { TONES } from "./names";

const EVERY_MS = 5_000;
const STEP = 20;
const MOST = 100;

const COLUMNS: Column<ListedResearch>[] = [
  {
    head: "Question",
    cell: ({ id, question }) =>
      question ? <a href={linkTo("research", id)}>{question}</a> : <small>no longer kept</small>,
  },
  { head: "Status", cell: ({ status }) => <Badge tone={TONES[status]}>{capital(status)}</Badge> },
  { head: "Begun", cell: ({ started_at }) => <Ago moment={started_at} /> },
  {
    head: "Took",
    number: true,
    cell: ({ latency_ms }) => (latency_ms === null ? "–" : milliseconds(latency_ms)),
  },
  { head: "Cost", number: true, cell: ({ cost_usd }) => usd(cost_usd) },
];

/** Asks a question, of a lead where one is named, and lists what was asked before. */
export function ResearchList({ http, leadId }: { http: Http; leadId: string | null }): ReactElement {
  const [question, setQuestion] = useState("");
  const growing = useGrowing(STEP);
  const limit = Math.min(MOST, growing.limit);
  const { value, error } = usePolling(
    useCallback(
      () => http.get<Page<ListedResearch>>("/api/research", { limit, lead_id: leadId }),
      [http, limit, leadId],
    ),
    EVERY_MS,
  );
  const begin = useAction(async () => {
    const asked = { ...(question.trim() && { question: question.trim() }), ...(leadId && { lead_id: leadId }) };
    const { id } = await http.post<{ id: string }>("/api/research", asked);
    location.hash = linkTo("research", id);
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void begin.run();
  };
  return (
    <>
      <Card title="Look into something">
        <form className="form" onSubmit={submit}>
          {leadId && (
            <p>
              About <a href={linkTo("leads", leadId)}>this lead</a>; without a question, what is worth knowing of it.{" "}
              <a href={linkTo("research")}>Without a lead</a>
            </p>
          )}
          <Field label="Question" long maxLength={1000} value={question} onChange={setQuestion} />
          <p className="buttons">
            <button type="submit" className="primary" disabled={begin.busy || (question.trim().length < 3 && !leadId)}>
              {begin.busy ? "Asking…" : "Look into it"}
            </button>
          </p>
          <Problem error={begin.error} />
        </form>
      </Card>
      <Card title="Looked into before">
        <Problem error={error} />
        {!value && !error && <Loading />}
        {value?.items.length === 0 && (
          <Empty title="Nothing yet.">
            <p>
              Ask above, or press Research at <a href={linkTo("leads")}>a lead</a>.
            </p>
          </Empty>
        )}
        {value && value.items.length > 0 && (
          <Table name="Research" rows={value.items} keyOf={({ id }) => id} columns={COLUMNS} />
        )}
        <ShowMore {...growing} more={Boolean(value?.next_cursor) && limit < MOST} />
      </Card>
    </>
  );
}
