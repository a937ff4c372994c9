import type { ConversationState } from "../conversation/state";
import type { FailureKind } from "../realtime/failure";
import type { Words } from "./words";

export interface Notice {
  tone: "error" | "warning";
  text: string;
  /** What the button says that tries again; null: trying again is no way on. */
  retry: string | null;
}

/** The most important thing the visitor has to know just now, in plain words. */
export function noticeFor(state: ConversationState, words: Words): Notice | null {
  const { status, microphone, problem } = state;
  if (status.kind === "failed") {
    const { kind, message } = status.failure;
    const text = kind === "refused" && message ? message : words.failures[kind];
    const ways: Partial<Record<FailureKind, string>> = { elsewhere: words.takeBack, ended: words.goOn };
    return { tone: kind === "ended" ? "warning" : "error", text, retry: ways[kind] ?? words.retry };
  }
  const silent = words.microphone[microphone];
  if (silent) return { tone: "warning", text: silent, retry: null };
  if (problem) return { tone: "warning", text: words.problem, retry: null };
  return null;
}
