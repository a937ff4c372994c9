import type { Socket } from "../../src/realtime/client";
import type { ClientEvent } from "../../src/realtime/client_events";
import type { ServerEvent } from "../../src/realtime/server_events";

/** A WebSocket whose far end is the test. */
export class FakeSocket implements Socket {
  readyState: Socket["readyState"] = 0;
  bufferedAmount = 0;
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  readonly sent: ClientEvent[] = [];
  closed = false;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}

  send(data: unknown): void {
    this.sent.push(JSON.parse(String(data)));
  }

  close(): void {
    this.closed = true;
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.call(this as unknown as WebSocket, new Event("open"));
  }

  say(event: ServerEvent): void {
    this.sayText(JSON.stringify({ event_id: "event_1", ...event }));
  }

  sayText(text: string): void {
    this.onmessage?.call(this as unknown as WebSocket, new MessageEvent("message", { data: text }));
  }

  /** The far end goes away. */
  drop(): void {
    this.readyState = 3;
    this.onclose?.call(this as unknown as WebSocket, { code: 1006 } as CloseEvent);
  }

  types(): string[] {
    return this.sent.map(({ type }) => type);
  }
}
