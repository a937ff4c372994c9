import type { ClientEvent } from "./client_events";

type Frame = Extract<ClientEvent, { type: "input_audio_buffer.append" }>;

/** 5 s of 20 ms frames: what somebody says while the line is down for a moment is still heard. */
const MAX_FRAMES = 250;
const MAX_EVENTS = 64;

/**
 * What waits for the connection. Facts about the conversation are kept in order; requests that would be stale by then
 * are not. At the bounds the oldest audio goes, and a further fact is refused.
 */
export class Outbox {
  private events: ClientEvent[] = [];
  private frames: Frame[] = [];
  private droppedFrames = 0;

  get dropped(): number {
    return this.droppedFrames;
  }

  /** False: not kept. */
  add(event: ClientEvent): boolean {
    if (event.type === "input_audio_buffer.append") return this.addFrame(event);
    if (!outlivesConnection(event) || this.events.length >= MAX_EVENTS) return false;
    this.events.push(event);
    return true;
  }

  private addFrame(frame: Frame): boolean {
    this.frames.push(frame);
    if (this.frames.length > MAX_FRAMES) {
      this.frames.shift();
      this.droppedFrames++;
    }
    return true;
  }

  /** Everything kept, facts first; the outbox is empty afterwards. */
  drain(): ClientEvent[] {
    const all = [...this.events, ...this.frames];
    this.clear();
    return all;
  }

  clear(): void {
    this.events = [];
    this.frames = [];
  }
}

function outlivesConnection(event: ClientEvent): boolean {
  switch (event.type) {
    case "conversation.item.truncate":
      return true;
    case "sales_agent.playback":
      return event.final;
    default:
      return false;
  }
}
