import type { ServerEvent } from "../api/events";
import type { AgentReply, RefineRound, TextProblem } from "../api/types";

export interface Refined {
  text: string;
  content: boolean;
  score: number;
  problems: TextProblem[];
  rounds: RefineRound[];
}

/** A text being refined, as far as it is known. */
export interface RefineRun {
  running: boolean;
  /** What is done now, in words; null once it is over. */
  doing: string | null;
  rounds: RefineRound[];
  refined: Refined | null;
  reply: AgentReply | null;
  error: { code: string; message: string } | null;
}

export const BEGUN: RefineRun = {
  running: true,
  doing: "Beginning…",
  rounds: [],
  refined: null,
  reply: null,
  error: null,
};

const DOING: Record<string, string> = { critique: "The critic reads…", rewrite: "It is rewritten…" };

/** The run after one more event. */
export function after(run: RefineRun, { kind, data }: ServerEvent): RefineRun {
  if (kind === "node_started") return { ...run, doing: DOING[String(data.node)] ?? run.doing };
  if (kind === "round") {
    return { ...run, rounds: [...run.rounds, { dropped: false, ...data } as unknown as RefineRound] };
  }
  if (kind !== "done") return run;
  const reply = data as unknown as AgentReply;
  const refined = reply.output as Refined | null;
  return {
    running: false,
    doing: null,
    rounds: refined?.rounds ?? run.rounds,
    refined,
    reply,
    error: reply.error ?? null,
  };
}

/** The run when the line to it is gone. */
export function broken(run: RefineRun, code: string, message: string): RefineRun {
  return run.running ? { ...run, running: false, doing: null, error: { code, message } } : run;
}
