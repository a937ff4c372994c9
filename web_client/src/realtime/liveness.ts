/** Silence from the server after which it is asked for a sign of life, while voice runs and otherwise. */
const VOICE_QUIET_MS = 5_000;
const TEXT_QUIET_MS = 20_000;
const ANSWER_MS = 4_000;

export type LivenessAdvice = "wait" | "probe" | "dead";

/**
 * Tells a dead line from a quiet one. A page cannot see WebSocket pings, so a quiet server is sent an event that it
 * must answer. Times are milliseconds of any one clock.
 */
export class Liveness {
  private heard = 0;
  private probed: number | null = null;

  start(now: number): void {
    this.received(now);
  }

  received(now: number): void {
    this.heard = now;
    this.probed = null;
  }

  check(now: number, voice: boolean): LivenessAdvice {
    if (this.probed !== null) return now - this.probed >= ANSWER_MS ? "dead" : "wait";
    if (now - this.heard < (voice ? VOICE_QUIET_MS : TEXT_QUIET_MS)) return "wait";
    this.probed = now;
    return "probe";
  }
}
