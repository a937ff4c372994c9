import type { Failure } from "./failure";

const FIRST_MS = 400;
const CAP_MS = 15_000;

/** Tries in a row without an answer before a person is asked: about a minute and a half. */
const MAX_ATTEMPTS = 9;
/** Before there ever was a connection; somebody is looking at a spinner. */
const MAX_FIRST_ATTEMPTS = 3;

/**
 * Wait before reconnection `attempt` (0 is the first). Doubles up to a cap; the upper half is random (`random` in
 * 0..1), so that the clients of a restarted server do not come back in step.
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(CAP_MS, FIRST_MS * 2 ** attempt);
  return Math.round(ceiling * (0.5 + random / 2));
}

/** How often to try again after this failure. A newcomer to a full server is told so; a conversation fights on. */
export function attemptsAllowed({ kind }: Failure, established: boolean): number {
  if (established) return kind === "unreachable" || kind === "full" ? MAX_ATTEMPTS : 0;
  return kind === "unreachable" ? MAX_FIRST_ATTEMPTS : 0;
}
