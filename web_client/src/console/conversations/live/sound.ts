import { BrowserDevices, WORKLET_PATH } from "../../../audio/browser_devices";
import type { Speaker, SpeakerReport } from "../../../audio/ports";
import { msToSamples } from "../../../audio/rates";

/** More than so much waiting is older than it is worth: it goes, and what comes is heard at once. */
const LATEST_MS = 1_500;
const CALLER = 0;

/** One voice of the two, as it comes. */
class Lane {
  private number = 0;
  private pushed = 0;
  private played = 0;

  constructor(private readonly speaker: Speaker) {}

  play(samples: Int16Array<ArrayBuffer>): void {
    if (this.pushed - this.played > msToSamples(LATEST_MS)) this.cut();
    this.pushed += samples.length;
    this.speaker.play(this.item, samples);
  }

  report(report: SpeakerReport): void {
    if (report.kind === "position" && report.item === this.item) this.played = report.played;
  }

  hold(on: boolean): void {
    if (on) this.speaker.pause();
    else this.speaker.resume();
  }

  cut(): void {
    void this.speaker.flush();
    this.speaker.resume();
    this.number++;
    this.pushed = 0;
    this.played = 0;
  }

  private get item(): string {
    return `live${this.number}`;
  }
}

/** Both voices of a live conversation, from its WebSocket to the loudspeaker. */
export class LiveSound {
  private readonly devices = new BrowserDevices(new URL(WORKLET_PATH, location.origin).href);
  private lanes: Lane[] = [];
  private closed = false;
  private heard = "";

  /** `over`: nothing comes any more, for the reason the server gave; empty: none. */
  constructor(
    private readonly socket: WebSocket,
    private readonly over: (why: string) => void,
  ) {
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.receive(data as string | ArrayBuffer);
    socket.onclose = () => this.end();
  }

  /** To be called from a click or key. */
  async start(): Promise<void> {
    for (const _ of [CALLER, CALLER + 1]) {
      let lane: Lane | null = null;
      const speaker = await this.devices.openSpeaker((report) => lane?.report(report));
      lane = new Lane(speaker);
      this.lanes.push(lane);
    }
    if (this.closed) this.devices.close();
  }

  close(): void {
    this.socket.onclose = null;
    this.socket.close(1000);
    this.closed = true;
    this.devices.close();
  }

  private end(): void {
    this.closed = true;
    this.devices.close();
    this.over(this.heard);
  }

  private receive(data: string | ArrayBuffer): void {
    if (typeof data === "string") return this.note((JSON.parse(data) as { event: string }).event);
    const voice = new Uint8Array(data, 0, 1)[0] ?? CALLER;
    // A copy: samples of two bytes cannot begin at an odd one.
    this.lanes[voice]?.play(new Int16Array(data.slice(1)));
  }

  private note(event: string): void {
    const agent = this.lanes[CALLER + 1];
    if (event === "cut") agent?.cut();
    else if (event === "hold") agent?.hold(true);
    else if (event === "resume") agent?.hold(false);
    else this.heard = event;
  }
}
