import type { PlatformStatus } from "../api/types";
import { duration } from "../times";
import { PLATFORMS } from "./names";

/** As `/api/sync/health` has it. */
const OVERDUE_S = 900;

/** What of a platform's sync is broken or waits for a person. */
export function waitingOf(status: PlatformStatus): { text: string; bad: boolean }[] {
  const { platform, open_conflicts, dead_letters, circuit, overdue_seconds, running } = status;
  const name = PLATFORMS[platform];
  const lines = [];
  if (circuit === "open") lines.push({ text: `${name} does not answer; it is tried again by itself`, bad: true });
  if (overdue_seconds > OVERDUE_S && running === null) {
    const waited = duration(overdue_seconds);
    lines.push({ text: `Changes of ${name} have waited for ${waited}: does a worker run?`, bad: true });
  }
  if (status.status === "failed") lines.push({ text: `The last sync with ${name} failed`, bad: true });
  if (open_conflicts) lines.push({ text: `${counted(open_conflicts, "conflict")} with ${name}`, bad: false });
  if (dead_letters) lines.push({ text: `${counted(dead_letters, "change")} that ${name} did not take`, bad: false });
  return lines;
}

const counted = (count: number, what: string): string => `${count.toLocaleString()} ${what}${count === 1 ? "" : "s"}`;
