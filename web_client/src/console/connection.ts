import { useSyncExternalStore } from "react";

const PROBE_MS = 4_000;
const AGAIN_MS = 2_000;
const SLOWEST_MS = 16_000;

/** Statuses with which a proxy answers for a server that does not. */
export const GATEWAY: readonly number[] = [502, 503, 504];

/** Whether the server answers at all. One request without an answer says little: another, that any server answers, is
 * asked before anything is told, and then again and again until the server is back. */
export class Connection {
  private lost = false;
  private asking = false;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  /** `probe`: whether it answered; never rejects, and ends. */
  constructor(private readonly probe: () => Promise<boolean>) {}

  readonly isLost = (): boolean => this.lost;

  /** Returns its undo. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** There was an answer, whatever it said. */
  heard(): void {
    clearTimeout(this.timer);
    this.failures = 0;
    this.turn(false);
  }

  /** There was none. */
  unheard(): void {
    if (!this.lost) void this.ask();
  }

  readonly tryNow = (): void => void this.ask();

  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    clearTimeout(this.timer);
    const answered = await this.probe();
    this.asking = false;
    if (answered) return this.heard();
    this.timer = setTimeout(this.tryNow, Math.min(SLOWEST_MS, AGAIN_MS * 2 ** this.failures++));
    this.turn(true);
  }

  private turn(lost: boolean): void {
    if (this.lost === lost) return;
    this.lost = lost;
    for (const listener of [...this.listeners]) listener();
  }
}

/** Of the console, which has one server. */
export const connection = new Connection(() =>
  fetch("/api/live", { cache: "no-store", signal: AbortSignal.timeout(PROBE_MS) }).then(
    ({ status }) => !GATEWAY.includes(status),
    () => false,
  ),
);

export const useLost = (): boolean => useSyncExternalStore(connection.subscribe, connection.isLost);
