/** Measures a reply as the visitor feels it: from the end of what they said or sent to the first sound or text. */
export class ReplyClock {
  private from: number | null = null;

  /** The visitor's turn ended at this moment; null: nobody knows when. */
  turnEnded(atMs: number | null): void {
    this.from = atMs;
  }

  /** The reply began; its latency in milliseconds, or null when it answers no turn. Only a turn's first one counts. */
  replied(atMs: number): number | null {
    if (this.from === null) return null;
    const latency = Math.max(0, atMs - this.from);
    this.from = null;
    return latency;
  }
}
