import { attemptsAllowed, backoffMs } from "./backoff";
import { CaptureClock } from "./capture_clock";
import { ASIDE, type ClientEvent } from "./client_events";
import { type Credentials, doorUrl, socketUrl, subProtocols } from "./endpoint";
import { Failure, kindOfCode } from "./failure";
import type { SessionSettings } from "./items";
import { Liveness } from "./liveness";
import { Outbox } from "./outbox";
import { parseServerEvent, type ServerEvent } from "./server_events";

const CONNECT_TIMEOUT_MS = 10_000;
/** A server that does not know the resumption event is taken as it is after this. */
const RESUME_TIMEOUT_MS = 3_000;
/** A connection that lasted this long was a good one: counting of attempts starts anew. */
const STABLE_MS = 5_000;
const HEARTBEAT_MS = 1_000;
/** An error this soon before the close is its reason. */
const PARTING_MS = 3_000;
/** 5 s of audio not yet taken by the network; newer frames are dropped until it drains. */
const MAX_UNSENT_BYTES = 320_000;

export type ConnectionStatus =
  | { kind: "idle" }
  | { kind: "connecting" }
  /** `resumed`: the conversation of before goes on. */
  | { kind: "ready"; resumed: boolean }
  | { kind: "reconnecting"; attempt: number; waitMs: number }
  | { kind: "failed"; failure: Failure };

/** The part of WebSocket that is used, so that tests can stand in for the network. */
export type Socket = Pick<
  WebSocket,
  "readyState" | "bufferedAmount" | "send" | "close" | "onopen" | "onmessage" | "onclose"
>;

export interface ClientParts {
  server: string;
  model: string;
  /** The profile that talks, by its slug. */
  agent?: string | null;
  /** The whole session wish, sent at every opening. */
  settings: () => SessionSettings;
  credentials: (conversationId: string | null) => Promise<Credentials>;
  askWhyRefused: (door: string, key: string) => Promise<Failure | null>;
  openSocket: (url: string, protocols: string[]) => Socket;
  onEvent: (event: ServerEvent) => void;
  onStatus: (status: ConnectionStatus) => void;
  /** Milliseconds of a clock that never jumps. */
  now: () => number;
  random: () => number;
}

/**
 * One conversation over as many connections as it takes. Every connection has a generation; whatever an earlier one
 * still says is dropped. Times out, tells a dead line, backs off and continues with `?conversation=`.
 */
export class RealtimeClient {
  conversationId: string | null = null;
  /** Voice runs: silence of the server is noticed sooner. */
  voice = false;
  readonly captured = new CaptureClock();

  private generation = 0;
  private attempt = 0;
  private socket: Socket | null = null;
  private ready = false;
  private readyAt = 0;
  private established = false;
  private wantsResume = false;
  private lastError: { failure: Failure; at: number } | null = null;
  private readonly outbox = new Outbox();
  private readonly liveness = new Liveness();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private heartbeat: ReturnType<typeof setInterval> | undefined;
  private current: ConnectionStatus = { kind: "idle" };

  constructor(private readonly parts: ClientParts) {}

  get status(): ConnectionStatus {
    return this.current;
  }

  /** Starts or goes on; does nothing while connected or on the way. */
  connect(): void {
    if (this.current.kind !== "idle" && this.current.kind !== "failed") return;
    this.attempt = 0;
    this.setStatus({ kind: "connecting" });
    void this.open();
  }

  /** Ends a wait between attempts, for when the network is known to be back. */
  retryNow(): void {
    if (this.current.kind === "reconnecting" && !this.socket) void this.open();
  }

  /** Ends the connection for good; the conversation can be continued by `connect`. */
  close(): void {
    this.abandon();
    this.outbox.clear();
    this.established = false;
    this.setStatus({ kind: "idle" });
  }

  /** Sends now, or keeps for the connection to come. False: neither. */
  send(event: ClientEvent): boolean {
    if (!this.ready || !this.socket) return this.outbox.add(event);
    this.write(event);
    return true;
  }

  private async open(): Promise<void> {
    this.abandon();
    const generation = this.generation;
    this.lastError = null;
    let credentials: Credentials;
    try {
      credentials = await this.parts.credentials(this.conversationId);
    } catch (error) {
      if (generation === this.generation) this.lost(asFailure(error));
      return;
    }
    if (generation === this.generation) this.dial(credentials);
  }

  private dial({ value, url }: Credentials): void {
    const generation = this.generation;
    let address: string;
    let socket: Socket;
    try {
      address = socketUrl(this.parts.server, url, this.conversationId, this.parts.model, this.parts.agent);
      socket = this.parts.openSocket(address, subProtocols(value));
    } catch (error) {
      return this.lost(new Failure("refused", "bad_address", error instanceof Error ? error.message : "Bad address."));
    }
    let opened = false;
    this.socket = socket;
    this.captured.restart();
    this.wantsResume = this.conversationId !== null;
    this.timer = setTimeout(() => this.lost(noAnswer()), CONNECT_TIMEOUT_MS);
    socket.onopen = () => {
      opened = true;
      if (generation === this.generation) this.write({ type: "session.update", session: this.parts.settings() });
    };
    socket.onmessage = ({ data }) => {
      if (generation === this.generation && typeof data === "string") this.receive(data);
    };
    socket.onclose = () => {
      if (generation === this.generation) void this.closed(opened ? null : [address, value]);
    };
  }

  private receive(text: string): void {
    this.liveness.received(this.parts.now());
    const event = parseServerEvent(text);
    if (!event) return;
    this.note(event);
    this.parts.onEvent(event);
    this.settle(event);
  }

  /** Facts about the connection itself. */
  private note(event: ServerEvent): void {
    if (event.type === "conversation.created") this.conversationId ??= event.conversation.id;
    if (event.type === "sales_agent.conversation.resumed") this.conversationId = event.conversation_id;
    if (event.type !== "error") return;
    const { code, message } = event.error;
    const kind = code ? kindOfCode(code) : null;
    if (code && kind) this.lastError = { failure: new Failure(kind, code, message), at: this.parts.now() };
  }

  private settle(event: ServerEvent): void {
    if (this.ready) return;
    if (event.type === "session.created") {
      if (!this.wantsResume) return this.becomeReady(false);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.becomeReady(true), RESUME_TIMEOUT_MS);
    } else if (event.type === "sales_agent.conversation.resumed") {
      this.becomeReady(true);
    }
  }

  private becomeReady(resumed: boolean): void {
    clearTimeout(this.timer);
    this.ready = true;
    this.established = true;
    this.readyAt = this.parts.now();
    this.liveness.start(this.readyAt);
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.setStatus({ kind: "ready", resumed });
    for (const event of this.outbox.drain()) this.write(event);
  }

  private beat(): void {
    const advice = this.liveness.check(this.parts.now(), this.voice);
    // An empty update changes nothing and must be answered.
    if (advice === "probe") this.write({ type: "session.update", event_id: ASIDE, session: { type: "realtime" } });
    if (advice === "dead") this.lost(noAnswer());
  }

  private write(event: ClientEvent): void {
    const socket = this.socket;
    if (socket?.readyState !== 1) return;
    if (event.type !== "input_audio_buffer.append") return socket.send(JSON.stringify(event));
    // Base64 needs no escaping; skipping JSON.stringify saves a copy of every frame.
    if (socket.bufferedAmount >= MAX_UNSENT_BYTES) return;
    socket.send(`{"type":"${event.type}","audio":"${event.audio}"}`);
    this.captured.sent(event.captured_ms);
  }

  /** `refused`: address and key of a socket that never opened; the page is not told why, so the door is asked. */
  private async closed(refused: [string, string] | null): Promise<void> {
    const generation = this.generation;
    const said = this.parting() ?? (refused && (await this.parts.askWhyRefused(doorUrl(refused[0]), refused[1])));
    if (generation === this.generation) this.lost(said ?? noAnswer());
  }

  /** What the server gave as its reason just before it closed. */
  private parting(): Failure | null {
    const last = this.lastError;
    return last && this.parts.now() - last.at < PARTING_MS ? last.failure : null;
  }

  private lost(failure: Failure): void {
    if (this.ready && this.parts.now() - this.readyAt >= STABLE_MS) this.attempt = 0;
    this.abandon();
    if (failure.kind === "conversation_gone" && this.conversationId) {
      this.conversationId = null;
      void this.open();
    } else if (this.attempt < attemptsAllowed(failure, this.established)) {
      this.retryLater(failure);
    } else {
      this.established = false;
      this.setStatus({ kind: "failed", failure });
    }
  }

  private retryLater(failure: Failure): void {
    const attempt = this.attempt++;
    const waitMs = Math.max(backoffMs(attempt, this.parts.random()), failure.retryAfterMs ?? 0);
    this.timer = setTimeout(() => void this.open(), waitMs);
    this.setStatus({ kind: "reconnecting", attempt: this.attempt, waitMs });
  }

  /** Lets go of the present connection, whatever its state, and makes its generation stale. */
  private abandon(): void {
    this.generation++;
    clearTimeout(this.timer);
    clearInterval(this.heartbeat);
    this.ready = false;
    this.socket?.close(1000);
    this.socket = null;
  }

  private setStatus(status: ConnectionStatus): void {
    this.current = status;
    this.parts.onStatus(status);
  }
}

const noAnswer = (): Failure => new Failure("unreachable", "no_answer", "The server did not answer.");

const asFailure = (error: unknown): Failure => (error instanceof Failure ? error : noAnswer());
