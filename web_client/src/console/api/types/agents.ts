export type AgentName =
  | "qualification"
  | "enrichment"
  | "growth"
  | "marketing"
  | "bdr"
  | "conversation"
  | "research"
  | "refine";

export interface Question {
  id: string;
  value: unknown;
}

export interface AgentReply {
  thread_id: string;
  agent: AgentName;
  status: "completed" | "interrupted" | "failed";
  output: Record<string, unknown> | null;
  interrupts: Question[];
  engine: string;
  latency_ms: number;
  cost_usd: number;
  steps: Record<string, string>;
  error?: { code: string; message: string };
}

/** What another agent was handed over, and what it answered. */
export interface Transferred {
  from_agent: string;
  lead_id: string | null;
  reply: AgentReply;
}

export interface TextProblem {
  code: string;
  message: string;
}

/** `problems`: of the text before it. `dropped`: it made the text no better. */
export interface RefineRound {
  number: number;
  score_before: number;
  problems: TextProblem[];
  changes: string[];
  engine: string;
  text: string;
  dropped: boolean;
}

export interface ThreadState {
  thread_id: string;
  agent: AgentName;
  status: "running" | "interrupted" | "completed" | "stopped";
  next: string[];
  interrupts: Question[];
  values: Record<string, unknown>;
}

export interface ExecutionRecord {
  id: string;
  agent_type: string;
  thread_id: string | null;
  lead_id: string | null;
  conversation_id: string | null;
  status: "pending" | "running" | "success" | "failed";
  engine: string | null;
  started_at: string;
  latency_ms: number | null;
  cost_usd: number;
  error_code: string | null;
}

/** A thread that waits for somebody's answer, and whom it is about. */
export interface WaitingThread {
  thread_id: string;
  agent: AgentName;
  since: string;
  lead_id: string | null;
  company_name: string | null;
  contact_name: string | null;
}
