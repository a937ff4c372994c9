import { type FormEvent, type ReactElement, useCallback, useEffect, useRef, useState } from "react";
import { useAction } from "../action";
import { HandoverCard } from "../agents/handover";
import { agentName } from "../agents/names";
import { opened, type RunState, replied, run as runAgent, start } from "../agents/run";
import { RunView } from "../agents/run_view";
import { RunsCard } from "../agents/runs";
import type { ApiError } from "../api/http";
import type { AgentName, ThreadState } from "../api/types";
import type { PageProps } from "../app";
import { Field } from "../field";
import { Card, capital, Empty, Problem } from "../parts";

interface Described {
  name: AgentName;
  does: string;
  /** Fields of the lead that matter to it, or a message. */
  fields: string[];
}

const AGENTS: Described[] = [
  {
    name: "qualification",
    does: "Scores a lead from 0 to 100 and says why.",
    fields: ["company_name", "industry", "company_size", "contact_title", "notes"],
  },
  {
    name: "enrichment",
    does: "Completes a lead from Apollo and LinkedIn.",
    fields: ["contact_email", "company_name", "contact_name", "linkedin_url"],
  },
  {
    name: "growth",
    does: "Researches a company in rounds until it is sure of its opportunities.",
    fields: ["company_name", "company_website", "industry", "notes"],
  },
  {
    name: "marketing",
    does: "Finds angles and drafts messages and subjects side by side.",
    fields: ["company_name", "industry", "contact_name", "contact_title", "notes"],
  },
  {
    name: "bdr",
    does: "Qualifies, proposes times, waits for your answer, books the meeting.",
    fields: ["company_name", "contact_name", "contact_email", "contact_title", "notes"],
  },
  { name: "conversation", does: "Answers one message as it would on a call.", fields: ["message"] },
];

const LABELS: Record<string, string> = {
  company_name: "Company",
  company_website: "Website",
  company_size: "People",
  contact_name: "Contact",
  contact_email: "E-mail",
  contact_title: "Title",
  linkedin_url: "LinkedIn",
};

/** Runs an agent by hand: its steps as they happen, and its questions. The address may name a lead, a thread
 * to open, or a conversation to hand over. */
export function AgentsPage({ http, id, part }: PageProps): ReactElement {
  const threadToOpen = id === "thread" ? part : null;
  const leadId = id === "thread" || id === "handover" ? null : id;
  const [described, setDescribed] = useState<Described>(AGENTS[0] as Described);
  const [values, setValues] = useState<Record<string, string>>({});
  const [state, setState] = useState<RunState | null>(null);
  const stop = useRef<AbortController | null>(null);
  const shown = useRef<HTMLDivElement>(null);
  // On a phone what was begun, or opened, is above or below what was pressed.
  const threadId = state?.threadId;
  const isRunning = state?.running;
  useEffect(() => {
    if (threadId || isRunning) shown.current?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }, [threadId, isRunning]);
  const go = async (agent: AgentName, input: unknown, thread?: string): Promise<void> => {
    stop.current?.abort();
    const controller = new AbortController();
    stop.current = controller;
    setState((old) => start(agent, thread ? old : null));
    await runAgent(
      http,
      { agent, input, thread_id: thread, resume: thread !== undefined },
      setState,
      controller.signal,
    );
  };
  const open = useAction(
    useCallback(
      async (thread: string) => {
        const found = await http.get<ThreadState>(`/api/langgraph/state/${encodeURIComponent(thread)}`);
        stop.current?.abort();
        setState(opened(found));
      },
      [http],
    ),
  );
  const { run: openThread } = open;
  useEffect(() => {
    if (threadToOpen) void openThread(threadToOpen);
  }, [threadToOpen, openThread]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void go(described.name, inputOf(described, values, leadId));
  };
  return (
    <div className="columns">
      <Card title="Run an agent">
        <div className="choices" role="radiogroup" aria-label="Agent">
          {AGENTS.map((agent) => (
            <label key={agent.name} data-chosen={agent === described}>
              <input
                type="radio"
                name="agent"
                checked={agent === described}
                onChange={() => {
                  setDescribed(agent);
                  setState(null);
                }}
              />
              <span>
                <b>{agentName(agent.name)}</b>
                <small>{agent.does}</small>
              </span>
            </label>
          ))}
        </div>
        <form className="form" onSubmit={submit}>
          {leadId && described.name !== "conversation" ? (
            <p>
              For the lead <code>{leadId}</code>. <a href="#/agents">Another instead</a>
            </p>
          ) : (
            described.fields.map((field) => (
              <Field
                key={field}
                label={labelOf(field)}
                long={field === "notes" || field === "message"}
                value={values[field] ?? ""}
                onChange={(value) => setValues({ ...values, [field]: value })}
              />
            ))
          )}
          <p className="buttons">
            <button type="submit" className="primary" disabled={state?.running}>
              {state?.running ? "Running…" : "Run"}
            </button>
            {state?.running && (
              <button type="button" onClick={() => stop.current?.abort()}>
                Stop watching
              </button>
            )}
          </p>
        </form>
      </Card>
      <div className="stack" ref={shown}>
        <Card title="What it does">
          {state ? (
            <RunView state={state} onAnswer={(answer) => void go(state.agent, answer, state.threadId ?? undefined)} />
          ) : (
            <Empty title="Nothing runs.">
              <p>
                Fill in what you know and press Run: each step shows up here as it happens. Without keys, rules decide.
              </p>
            </Empty>
          )}
        </Card>
        <HandoverCard
          http={http}
          of={state && !state.running ? state.threadId : id === "handover" ? part : null}
          onReply={(reply) => setState(replied(reply))}
        />
        <RunsCard http={http} onOpen={(thread) => void open.run(thread)} />
        <Thread busy={open.busy} error={open.error} onOpen={(thread) => void open.run(thread)} />
      </div>
    </div>
  );
}

const labelOf = (name: string): string => LABELS[name] ?? capital(name);

function inputOf(agent: Described, values: Record<string, string>, leadId: string | null): unknown {
  if (agent.name === "conversation") return { message: values.message ?? "" };
  if (leadId) return { lead_id: leadId };
  const given = agent.fields.map((field) => [field, (values[field] ?? "").trim()]).filter(([, value]) => value);
  return { lead: Object.fromEntries(given) };
}

interface ThreadProps {
  busy: boolean;
  error: ApiError | null;
  onOpen: (threadId: string) => void;
}

/** A thread of earlier, by its name: a question that waited for days is answered here. */
function Thread({ busy, error, onOpen }: ThreadProps): ReactElement {
  const [thread, setThread] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onOpen(thread.trim());
  };
  return (
    <Card title="Open a thread">
      <form className="row" onSubmit={submit}>
        <input
          aria-label="Thread"
          placeholder="thread_…"
          value={thread}
          onChange={(event) => setThread(event.target.value)}
        />
        <button type="submit" disabled={busy || !thread.trim()}>
          Open
        </button>
      </form>
      <Problem error={error} />
    </Card>
  );
}
