const MIN_MS = 40;
const MAX_MS = 240;
/** Smooth playback that buys one step back towards the minimum. */
const CALM_MS = 10_000;

/** How much audio to hold before playback starts: grows with every underrun, shrinks while all is smooth. */
export class JitterTarget {
  private target = MIN_MS;
  private calm = 0;

  get ms(): number {
    return this.target;
  }

  underrun(): void {
    this.target = Math.min(MAX_MS, this.target * 1.5 + 20);
    this.calm = 0;
  }

  played(ms: number): void {
    this.calm += ms;
    if (this.calm < CALM_MS) return;
    this.calm = 0;
    this.target = Math.max(MIN_MS, this.target * 0.75);
  }
}
