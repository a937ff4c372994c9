import { type ServerEvent, stream } from "../api/events";
import { ApiError, type Http } from "../api/http";
import type { AgentName, AgentReply, Question, ThreadState } from "../api/types";

export interface Step {
  node: string;
  done: boolean;
  failed: boolean;
  /** What the step wrote as it was written. */
  text: string;
}

/** A run of an agent as far as it is known. */
export interface RunState {
  agent: AgentName;
  running: boolean;
  threadId: string | null;
  steps: Step[];
  questions: Question[];
  status: string | null;
  output: Record<string, unknown> | undefined;
  reply: AgentReply | null;
  error: { code: string; message: string } | null;
}

/** A run that begins; one that goes on keeps the steps it has. */
export function start(agent: AgentName, before: RunState | null): RunState {
  const fresh = { threadId: null, steps: [], status: null, output: undefined, reply: null };
  return { ...fresh, ...before, agent, running: true, questions: [], error: null };
}

/** A run of earlier as it stands. */
export function opened(thread: ThreadState): RunState {
  return {
    ...start(thread.agent, null),
    running: thread.status === "running",
    threadId: thread.thread_id,
    questions: thread.interrupts,
    status: thread.status,
    output: thread.values.output as Record<string, unknown> | undefined,
  };
}

/** The run after one more event. */
export function after(state: RunState, { kind, data }: ServerEvent): RunState {
  switch (kind) {
    case "started":
      return { ...state, threadId: String(data.thread_id) };
    case "node_started":
      return { ...state, steps: [...state.steps, { node: String(data.node), done: false, failed: false, text: "" }] };
    case "node_finished":
      return withLast(state, String(data.node), (step) => ({ ...step, done: true, failed: Boolean(data.error) }));
    case "token":
      return withLast(state, data.node ? String(data.node) : null, (step) => ({
        ...step,
        text: step.text + String(data.text ?? ""),
      }));
    case "tool_started":
    case "tool_finished":
      return withLast(state, null, (step) => ({ ...step, text: `${step.text}\n${told(kind, data)}`.trim() }));
    case "interrupt":
      return { ...state, questions: [...state.questions, { id: String(data.id), value: data.value }] };
    case "done":
      return finished(state, data as unknown as AgentReply);
    default:
      return state;
  }
}

const told = (kind: string, data: Record<string, unknown>): string =>
  `${String(data.name ?? data.tool ?? "tool")} ${kind === "tool_started" ? "…" : "✓"}`;

/** The run that came to this reply, as far as the reply tells. */
export const replied = (reply: AgentReply): RunState => finished(start(reply.agent, null), reply);

function finished(state: RunState, reply: AgentReply): RunState {
  return {
    ...state,
    running: false,
    threadId: reply.thread_id,
    status: reply.status,
    questions: reply.interrupts ?? [],
    output: reply.output ?? undefined,
    reply,
    error: reply.error ?? null,
  };
}

/** Changes the last step of this name, or the last of all. */
function withLast(state: RunState, node: string | null, change: (step: Step) => Step): RunState {
  const index = state.steps.findLastIndex((step) => (node === null ? true : step.node === node));
  if (index < 0) return state;
  return { ...state, steps: state.steps.map((step, at) => (at === index ? change(step) : step)) };
}

export interface Asked {
  agent: AgentName;
  input: unknown;
  thread_id: string | undefined;
  resume: boolean;
}

/** Runs an agent and tells the state after each event. Never raises: a failure is part of the state. */
export async function run(
  http: Http,
  asked: Asked,
  tell: (change: (state: RunState | null) => RunState | null) => void,
  signal: AbortSignal,
): Promise<void> {
  const failed = (code: string, message: string): void =>
    tell((state) => (state?.running ? { ...state, running: false, error: { code, message } } : state));
  try {
    await stream(
      http,
      "/api/langgraph/stream",
      asked,
      (event) => tell((state) => state && after(state, event)),
      signal,
    );
    failed("stream_ended", "The stream ended early; open the thread to see where it stands.");
  } catch (reason) {
    if (reason instanceof ApiError) failed(reason.code, reason.message);
    else if (signal.aborted) failed("stopped", "Not watched any more; the run itself goes on.");
    else failed("stream_broken", "The line to the server broke; open the thread to see where it stands.");
  }
}
