import { vi } from "vitest";
import { msToSamples } from "../../src/audio/rates";
import { Session } from "../../src/conversation/session";
import type { ClientEvent } from "../../src/realtime/client_events";
import { FakeSocket } from "../realtime/fake_socket";
import { FakeDevices } from "./fake_devices";

/** Half a second of a reply's audio. */
export const DELTA = Buffer.from(new Int16Array(msToSamples(500)).buffer).toString("base64");
export const part = { response_id: "r1", item_id: "a1", output_index: 0, content_index: 0 };

export const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** A session between a server and devices that the test plays. Needs fake timers. */
export class Bench {
  readonly devices = new FakeDevices();
  readonly sockets: FakeSocket[] = [];
  readonly remembered: (string | null)[] = [];
  session: Session;
  private ids = 0;

  constructor(over: Partial<ConstructorParameters<typeof Session>[0]> = {}) {
    this.session = new Session({
      server: "https://sales.example",
      model: "sales-agent",
      credentials: async () => ({ value: "ek_1", url: "/v1/realtime" }),
      askWhyRefused: async () => null,
      openSocket: (url, protocols) => {
        const socket = new FakeSocket(url, protocols);
        this.sockets.push(socket);
        return socket;
      },
      now: () => performance.now(),
      random: () => 0.5,
      devices: this.devices,
      greet: true,
      language: null,
      eagerness: "auto",
      conversationId: null,
      entries: [],
      remember: (id) => this.remembered.push(id),
      onChange: () => undefined,
      newId: () => `msg_${++this.ids}`,
      ...over,
    });
  }

  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error("no socket was opened");
    return last;
  }

  sent(type: string): ClientEvent[] {
    return this.socket.sent.filter((event) => event.type === type);
  }

  async accept(): Promise<void> {
    await tick();
    this.socket.open();
    this.socket.say({ type: "session.created", session: { id: "s", type: "realtime" } });
    this.socket.say({ type: "conversation.created", conversation: { id: "conv_1" } });
  }

  async talking(): Promise<void> {
    const started = this.session.startVoice();
    await this.accept();
    await started;
  }

  /** A reply begins to be heard. */
  speak(): void {
    this.socket.say({ type: "response.created", response: { id: "r1", status: "in_progress" } });
    this.socket.say({ type: "response.output_audio_transcript.delta", delta: "It costs ten.", ...part });
    this.socket.say({ type: "response.output_audio.delta", delta: DELTA, ...part });
    this.devices.speaker?.report({ kind: "started", item: "a1" });
  }

  position(playedMs: number, pendingMs = 0): void {
    const counts = { played: msToSamples(playedMs), pending: msToSamples(pendingMs) };
    this.devices.speaker?.report({ kind: "position", item: "a1", ...counts, level: 0.1, underruns: 0 });
  }
}
