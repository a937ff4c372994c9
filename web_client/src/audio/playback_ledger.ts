import { samplesToMs } from "./rates";

export interface Progress {
  item: string;
  audioMs: number;
  final: boolean;
}

interface Account {
  received: number;
  played: number;
  reported: number;
  state: "open" | "finished" | "cut";
}

const REPORT_EVERY_MS = 250;
/** Items remembered; the oldest is forgotten past this. */
const MAX_ITEMS = 64;

/**
 * Books of what each reply's audio came to: received, played, cut. Decides which late audio to drop and when the
 * server is due a progress report. Samples are at the wire rate; times are milliseconds.
 */
export class PlaybackLedger {
  private readonly accounts = new Map<string, Account>();
  private readonly cutResponses = new Set<string>();
  private lastReport = Number.NEGATIVE_INFINITY;

  /** Books samples that came in. False: the item or its response was cut, so drop them. */
  receive(item: string, response: string, samples: number): boolean {
    if (this.cutResponses.has(response)) return false;
    const account = this.account(item);
    if (account.state === "cut") return false;
    account.state = "open";
    account.received += samples;
    return true;
  }

  /** Books the position reached; `audibleDelay` samples of it have not left the loudspeaker yet. */
  advance(item: string, played: number, audibleDelay: number, now: number): Progress | null {
    const account = this.accounts.get(item);
    if (!account || account.state === "cut") return null;
    account.played = Math.max(account.played, Math.max(0, played - audibleDelay));
    const audioMs = this.playedMs(item);
    if (now - this.lastReport < REPORT_EVERY_MS || audioMs === account.reported) return null;
    account.reported = audioMs;
    this.lastReport = now;
    return { item, audioMs, final: false };
  }

  finish(item: string, played: number): Progress {
    const account = this.account(item);
    account.played = played;
    if (account.state === "open") account.state = "finished";
    return { item, audioMs: this.playedMs(item), final: true };
  }

  /** Ends an item where it was; everything of it that is still to come will be dropped. */
  cut(item: string, played: number): Progress {
    const account = this.account(item);
    account.state = "cut";
    return this.finish(item, Math.min(played, account.received));
  }

  /** Some of its audio came in, and it has neither been played out nor cut. */
  isOpen(item: string): boolean {
    return this.accounts.get(item)?.state === "open";
  }

  cutResponse(response: string): void {
    this.cutResponses.add(response);
    if (this.cutResponses.size > MAX_ITEMS) forgetOldest(this.cutResponses);
  }

  /** Exact to the sample: a reply played out has as many milliseconds as it was long. */
  playedMs(item: string): number {
    return samplesToMs(this.accounts.get(item)?.played ?? 0);
  }

  receivedMs(item: string): number {
    return samplesToMs(this.accounts.get(item)?.received ?? 0);
  }

  private account(item: string): Account {
    let account = this.accounts.get(item);
    if (!account) {
      account = { received: 0, played: 0, reported: -1, state: "open" };
      this.accounts.set(item, account);
      if (this.accounts.size > MAX_ITEMS) forgetOldest(this.accounts);
    }
    return account;
  }
}

function forgetOldest(entries: Map<string, unknown> | Set<string>): void {
  const oldest = entries.keys().next().value;
  if (oldest !== undefined) entries.delete(oldest);
}
