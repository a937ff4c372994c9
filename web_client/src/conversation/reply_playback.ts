import { decodePcm16 } from "../audio/base64";
import { PlaybackLedger, type Progress } from "../audio/playback_ledger";
import type { Speaker, SpeakerReport } from "../audio/ports";
import { ASIDE, type ClientEvent } from "../realtime/client_events";
import type { ServerEvent } from "../realtime/server_events";
import type { LocalEvent } from "./state";

/** A hold that the server neither takes back nor confirms ends by itself. */
const HOLD_TIMEOUT_MS = 3_000;

export interface ReplyPlaybackParts {
  send: (event: ClientEvent) => void;
  dispatch: (event: LocalEvent) => void;
  /** A reply's first sound has reached the ear. */
  onAudible: (item: string, atMs: number) => void;
  now: () => number;
}

type AudioDelta = Extract<ServerEvent, { type: "response.output_audio.delta" }>;

/** The sound of replies: from the wire to the speaker, and back as what was really heard. */
export class ReplyPlayback {
  /** Of what is being played, root mean square. */
  level = 0;
  underruns = 0;

  private speaker: Speaker | null = null;
  private readonly ledger = new PlaybackLedger();
  private holdTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: ReplyPlaybackParts) {}

  attach(speaker: Speaker | null): void {
    this.speaker = speaker;
  }

  delta(event: AudioDelta): void {
    if (!this.speaker) return;
    const samples = decodePcm16(event.delta);
    if (!this.ledger.receive(event.item_id, event.response_id, samples.length)) return;
    this.speaker.play(event.item_id, samples);
    this.parts.dispatch({
      type: "local.audio",
      item_id: event.item_id,
      received_ms: this.ledger.receivedMs(event.item_id),
    });
  }

  end(item: string): void {
    this.speaker?.end(item);
  }

  /** Holds the sound where it is, when the item is one that is being played. */
  hold(item: string): void {
    if (!this.ledger.isOpen(item)) return;
    this.speaker?.pause();
    clearTimeout(this.holdTimer);
    this.holdTimer = setTimeout(() => this.release(), HOLD_TIMEOUT_MS);
  }

  release(): void {
    clearTimeout(this.holdTimer);
    this.speaker?.resume();
  }

  /** Stops the sound, drops what is still to come of `response`, and tells the server what was heard. */
  async interrupt(response: string | null): Promise<void> {
    clearTimeout(this.holdTimer);
    if (response) this.ledger.cutResponse(response);
    const items = this.speaker ? await this.speaker.flush() : [];
    for (const { item, played } of items) {
      const { audioMs } = this.ledger.cut(item, played);
      // Whole milliseconds, rounded down: a truncation must not pass the end of the audio.
      const place = { item_id: item, content_index: 0, audio_end_ms: Math.floor(audioMs) };
      this.parts.send({ type: "conversation.item.truncate", event_id: ASIDE, ...place });
      this.tell({ item, audioMs, final: true });
      this.parts.dispatch({ type: "local.interrupted", item_id: item, played_ms: audioMs });
    }
    if (items.length === 0) this.parts.dispatch({ type: "local.interrupted", item_id: null, played_ms: 0 });
  }

  report(report: SpeakerReport): void {
    switch (report.kind) {
      case "audible":
        return this.parts.onAudible(report.item, report.atMs);
      case "started":
        return this.parts.dispatch({ type: "local.playing", item_id: report.item });
      case "finished":
        return this.finished(report.item, report.played);
      case "position":
        return this.moved(report);
    }
  }

  private finished(item: string, played: number): void {
    const progress = this.ledger.finish(item, played);
    this.tell(progress);
    this.parts.dispatch({ type: "local.played", item_id: item, played_ms: progress.audioMs });
    this.parts.dispatch({ type: "local.playing", item_id: null });
  }

  private moved({ item, played, pending, level, underruns }: Extract<SpeakerReport, { kind: "position" }>): void {
    this.level = level;
    this.underruns = underruns;
    if (!item || played === 0) return;
    const progress = this.ledger.advance(item, played, pending, this.parts.now());
    this.parts.dispatch({ type: "local.played", item_id: item, played_ms: this.ledger.playedMs(item) });
    if (progress) this.tell(progress);
  }

  private tell({ item, audioMs, final }: Progress): void {
    this.parts.send({ type: "sales_agent.playback", event_id: ASIDE, item_id: item, audio_ms: audioMs, final });
  }
}
