import type { AudioDevices, Speaker } from "../audio/ports";
import { type ClientParts, RealtimeClient } from "../realtime/client";
import { ASIDE } from "../realtime/client_events";
import type { OutputModality } from "../realtime/items";
import type { ServerEvent } from "../realtime/server_events";
import { reduce } from "./reduce";
import { ReplyClock } from "./reply_clock";
import { ReplyPlayback } from "./reply_playback";
import { ResponseRequests } from "./response_requests";
import { type SpeechPreferences, sessionSettings } from "./session_settings";
import { type ConversationState, type Entry, initialState, type LocalEvent } from "./state";
import { VisitorAudio } from "./visitor_audio";

const INTERRUPTED_SHOWN_MS = 1_200;
/** Typed messages waiting for the server; a further one is refused. */
const MAX_PENDING = 20;

export interface SessionParts extends Omit<ClientParts, "settings" | "onEvent" | "onStatus">, SpeechPreferences {
  devices: AudioDevices;
  /** The agent speaks first when voice starts a new conversation. */
  greet: boolean;
  /** A conversation to continue, and what was said in it as far as this side knows. */
  conversationId: string | null;
  entries: readonly Entry[];
  remember: (conversationId: string | null) => void;
  onChange: (state: ConversationState) => void;
  newId: () => string;
}

/** One visitor's conversation, typed and spoken: connects the line, the state, the microphone and the speaker. */
export class Session {
  state: ConversationState;

  private readonly client: RealtimeClient;
  private readonly visitor: VisitorAudio;
  private readonly playback: ReplyPlayback;
  private readonly requests: ResponseRequests;
  private readonly clock = new ReplyClock();
  private speaker: Speaker | null = null;
  private opening: Promise<void> | null = null;
  /** Moves on when the visitor hangs up: what was being opened then is let go. */
  private epoch = 0;
  private askedModality: OutputModality = "text";
  private interruptible = true;
  private remembered: string | null = null;
  private ending: Promise<void> = Promise.resolve();
  private settle: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: SessionParts) {
    this.client = new RealtimeClient({
      ...parts,
      settings: () => sessionSettings(this.takeModality(), parts),
      onEvent: (event) => this.receive(event),
      onStatus: (status) => this.statusChanged(status),
    });
    const { conversationId, entries } = parts;
    const before = { ...initialState, conversationId, entries };
    this.state = reduce(before, { type: "local.status", status: initialState.status });
    this.client.conversationId = conversationId;
    this.remembered = conversationId;
    this.requests = new ResponseRequests((event) => this.client.send(event));
    this.visitor = new VisitorAudio({
      devices: parts.devices,
      send: (event) => this.client.send(event),
      onState: (state) => this.dispatch({ type: "local.microphone", state }),
    });
    this.playback = new ReplyPlayback({
      send: (event) => this.client.send(event),
      dispatch: (event) => this.dispatch(event),
      onAudible: (item, atMs) => this.measure(item, atMs),
      now: parts.now,
    });
  }

  /** Loudness of visitor and agent just now, root mean square. */
  get levels(): { visitor: number; agent: number } {
    return { visitor: this.visitor.level, agent: this.state.playing ? this.playback.level : 0 };
  }

  get underruns(): number {
    return this.playback.underruns;
  }

  /** Talk: microphone and speaker on, connection up. To be called from a click or key. */
  async startVoice(): Promise<void> {
    await this.ending;
    const { epoch } = this;
    this.client.voice = true;
    const microphone = this.visitor.start();
    // Before the line: the session is asked for audio only when there is something to play it.
    await this.setSpeaker(true);
    if (epoch !== this.epoch) return;
    this.client.connect();
    await microphone;
    if (this.state.microphone !== "on") this.client.voice = false;
  }

  /** Microphone off; the agent is still heard. */
  stopVoice(): void {
    this.client.voice = false;
    this.visitor.stop();
  }

  /** With the speaker off, replies come as text; one that is being spoken goes on as captions. */
  async setSpeaker(on: boolean): Promise<void> {
    if (on) {
      this.opening ??= this.openSpeaker();
      await this.opening;
    }
    this.speaker?.mute(!on);
    const speakerOn = on && this.speaker !== null;
    if (speakerOn === this.state.speakerOn) return;
    this.dispatch({ type: "local.speaker", on: speakerOn });
    if (this.state.status.kind === "ready") this.askModality();
  }

  /** Says something in writing. False: empty, or too much is waiting already. */
  send(text: string): boolean {
    const trimmed = text.trim();
    if (!trimmed || this.pending().length >= MAX_PENDING) return false;
    const cut = this.agentBusy ? this.cutIn() : null;
    const id = this.parts.newId();
    this.dispatch({ type: "local.typed", id, text: trimmed });
    this.clock.turnEnded(this.parts.now());
    if (this.state.status.kind !== "ready") this.client.connect();
    else if (cut) void cut.then(() => this.deliver(id, trimmed));
    else this.deliver(id, trimmed);
    return true;
  }

  /** Makes the agent stop talking (or thinking), at once. */
  stopAgent(): void {
    if (!this.agentBusy) return;
    void this.cutIn();
    clearTimeout(this.settle);
    this.settle = setTimeout(() => this.dispatch({ type: "local.settled" }), INTERRUPTED_SHOWN_MS);
  }

  get agentBusy(): boolean {
    return this.state.playing !== null || this.state.response !== null;
  }

  retry(): void {
    this.client.connect();
  }

  /** The network is known to be back. */
  online(): void {
    this.client.retryNow();
  }

  /** Hangs up; talking or typing goes on with the same conversation. */
  end(): Promise<void> {
    this.epoch++;
    this.visitor.close();
    this.ending = this.hangUp();
    return this.ending;
  }

  /** Hangs up and forgets. */
  async startOver(): Promise<void> {
    await this.end();
    this.client.conversationId = null;
    this.rememberConversation();
    this.dispatch({ type: "local.new" });
  }

  /** The page goes away: lets everything go without a last word. Who comes back to it goes on. */
  abandon(): void {
    this.epoch++;
    this.visitor.close();
    this.letGo();
  }

  private async hangUp(): Promise<void> {
    if (this.agentBusy) await this.playback.interrupt(this.state.response);
    this.letGo();
  }

  private letGo(): void {
    clearTimeout(this.settle);
    this.closeSound();
    this.requests.clear();
    this.client.voice = false;
    this.client.close();
    this.dispatch({ type: "local.speaker", on: false });
    this.dispatch({ type: "local.playing", item_id: null });
    this.dispatch({ type: "local.settled" });
  }

  private closeSound(): void {
    this.playback.attach(null);
    this.speaker?.close();
    this.speaker = null;
    this.opening = null;
    this.parts.devices.close();
  }

  private takeModality(): OutputModality {
    this.askedModality = this.state.speakerOn ? "audio" : "text";
    return this.askedModality;
  }

  /** Tells the server how to answer, where that is not what it was told last. */
  private askModality(): void {
    if (this.askedModality === (this.state.speakerOn ? "audio" : "text")) return;
    const modality = this.takeModality();
    this.client.send({ type: "session.update", session: { type: "realtime", output_modalities: [modality] } });
  }

  private async openSpeaker(): Promise<void> {
    const { epoch } = this;
    try {
      const speaker = await this.parts.devices.openSpeaker((report) => this.playback.report(report));
      if (epoch !== this.epoch) return speaker.close();
      this.speaker = speaker;
      this.playback.attach(speaker);
    } catch {
      // Without sound the conversation goes on in writing: `speakerOn` stays false. A later press tries again.
      if (epoch === this.epoch) this.opening = null;
    }
  }

  private receive(event: ServerEvent): void {
    this.requests.see(event);
    switch (event.type) {
      case "response.output_audio.delta":
        return this.playback.delta(event);
      case "response.output_audio.done":
        this.playback.end(event.item_id);
        break;
      case "sales_agent.playback.pause":
        this.playback.hold(event.item_id);
        break;
      case "sales_agent.playback.resume":
        this.playback.release();
        break;
      case "sales_agent.playback.stop":
        if (this.agentBusy) void this.playback.interrupt(this.state.response);
        break;
      case "session.updated":
        this.interruptible = event.session.audio?.input?.turn_detection?.interrupt_response !== false;
        break;
      case "input_audio_buffer.speech_started":
        if (this.interruptible && this.agentBusy) void this.playback.interrupt(this.state.response);
        break;
      case "input_audio_buffer.speech_stopped":
        this.clock.turnEnded(this.client.captured.at(event.audio_end_ms));
        break;
      case "conversation.item.truncated":
        this.client.send({ type: "conversation.item.retrieve", event_id: ASIDE, item_id: event.item_id });
        break;
    }
    this.dispatch(event);
    if (event.type === "response.output_text.delta") this.measure(event.item_id, this.parts.now());
    this.rememberConversation();
  }

  private rememberConversation(): void {
    const { conversationId } = this.client;
    if (conversationId === this.remembered) return;
    this.remembered = conversationId;
    this.parts.remember(conversationId);
  }

  private statusChanged(status: ConversationState["status"]): void {
    this.dispatch({ type: "local.status", status });
    if (status.kind === "ready") this.catchUp(status.resumed);
    else this.requests.reset();
    if (status.kind === "failed") this.visitor.close();
  }

  /** What waited for the connection: typed messages, a reply that was asked for, the greeting. */
  private catchUp(resumed: boolean): void {
    this.askModality();
    const pending = this.pending();
    for (const { id, text } of pending) this.sendTyped(id, text);
    const first = !resumed && this.state.entries.length === 0 && this.client.voice && this.parts.greet;
    if (pending.length > 0 || this.requests.outstanding || first) this.requests.ask();
  }

  private pending(): { id: string; text: string }[] {
    return this.state.entries.flatMap((entry) =>
      entry.kind === "message" && entry.status === "pending" ? [{ id: entry.id, text: entry.text }] : [],
    );
  }

  private sendTyped(id: string, text: string): void {
    this.client.send({
      type: "conversation.item.create",
      event_id: id, // An error then names the message.
      item: { id, type: "message", role: "user", content: [{ type: "input_text", text }] },
    });
  }

  /** After an interruption: the server must know what was heard before it answers. */
  private deliver(id: string, text: string): void {
    if (this.state.status.kind !== "ready") return; // Still pending: it goes out with the next connection.
    this.sendTyped(id, text);
    this.requests.ask();
  }

  private cutIn(): Promise<void> {
    const { response } = this.state;
    if (response) this.client.send({ type: "response.cancel", event_id: ASIDE, response_id: response });
    return this.playback.interrupt(response);
  }

  private measure(item: string, atMs: number): void {
    const latency = this.clock.replied(atMs);
    if (latency !== null) this.dispatch({ type: "local.measured", item_id: item, latency_ms: latency });
  }

  private dispatch(event: ServerEvent | LocalEvent): void {
    const next = reduce(this.state, event);
    if (next === this.state) return;
    this.state = next;
    this.parts.onChange(next);
  }
}
