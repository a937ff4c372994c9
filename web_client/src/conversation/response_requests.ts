import type { ClientEvent } from "../realtime/client_events";
import type { ServerEvent } from "../realtime/server_events";

/** Longest wait for a cancelled response to be closed. */
const WAIT_MS = 3_000;

/** Asks for replies one at a time: the protocol allows one response at once, and an ask must not get lost. */
export class ResponseRequests {
  private active: string | null = null;
  private wanted = false;
  /** Asked on this connection, and nothing has come of it yet. */
  private asked = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly send: (event: ClientEvent) => void) {}

  /** A reply has been asked for and has not begun. */
  get outstanding(): boolean {
    return this.wanted || this.asked;
  }

  ask(): void {
    if (!this.active) return this.askNow();
    this.wanted = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.askNow(), WAIT_MS);
  }

  see(event: ServerEvent): void {
    if (event.type === "response.created") {
      this.active = event.response.id;
      this.asked = false;
    } else if (event.type === "response.done") {
      if (event.response.id === this.active) this.active = null;
      if (this.wanted && !this.active) this.askNow();
    } else if (event.type === "error" && event.error.code === "conversation_already_has_active_response") {
      this.wanted = true;
    }
  }

  /** The connection went: nothing runs any more. */
  reset(): void {
    clearTimeout(this.timer);
    this.active = null;
  }

  clear(): void {
    this.reset();
    this.wanted = false;
    this.asked = false;
  }

  private askNow(): void {
    clearTimeout(this.timer);
    this.wanted = false;
    this.asked = true;
    this.send({ type: "response.create" });
  }
}
