import { Base64Encoder } from "../audio/base64";
import { type AudioDevices, type Microphone, MicrophoneError, type MicrophoneFrame } from "../audio/ports";
import type { ClientEvent } from "../realtime/client_events";
import type { MicrophoneState } from "./state";

/** Silence sent after muting, so that the server sees the end of what was being said. */
const SILENT_TAIL_MS = 1_500;

export interface VisitorAudioParts {
  devices: AudioDevices;
  send: (event: ClientEvent) => void;
  onState: (state: MicrophoneState) => void;
}

/** The visitor's voice: from the microphone to the wire. */
export class VisitorAudio {
  /** Of the latest frame, root mean square. */
  level = 0;

  private microphone: Microphone | null = null;
  private opening: Promise<void> | null = null;
  private wanted = false;
  private tail: ReturnType<typeof setTimeout> | undefined;
  private readonly encoder = new Base64Encoder();

  constructor(private readonly parts: VisitorAudioParts) {}

  /** Opens the microphone, or lets it be heard again. Never fails: the state tells. */
  start(): Promise<void> {
    this.wanted = true;
    clearTimeout(this.tail);
    if (this.microphone) {
      this.microphone.mute(false);
      this.parts.onState("on");
      return Promise.resolve();
    }
    this.opening ??= this.open().finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  /** Mutes at once; the device is let go when the silence after it has been sent. */
  stop(): void {
    if (!this.wanted) return;
    this.wanted = false;
    this.level = 0;
    this.microphone?.mute(true);
    this.tail = setTimeout(() => this.release(), SILENT_TAIL_MS);
    this.parts.onState("off");
  }

  /** Lets the device go at once. */
  close(): void {
    const was = this.wanted;
    this.wanted = false;
    this.release();
    if (was) this.parts.onState("off");
  }

  private async open(): Promise<void> {
    this.parts.onState("asking");
    try {
      const microphone = await this.parts.devices.openMicrophone(
        (frame) => this.frame(frame),
        () => this.lost(),
      );
      if (!this.wanted) return microphone.close();
      this.microphone = microphone;
      this.parts.onState("on");
    } catch (error) {
      this.wanted = false;
      this.parts.onState(error instanceof MicrophoneError ? error.problem : "missing");
    }
  }

  private frame({ samples, level, endMs }: MicrophoneFrame): void {
    if (this.wanted) this.level = level;
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    this.parts.send({ type: "input_audio_buffer.append", audio: this.encoder.encode(bytes), captured_ms: endMs });
    this.microphone?.recycle(samples);
  }

  private lost(): void {
    this.wanted = false;
    this.release();
    this.parts.onState("lost");
  }

  private release(): void {
    clearTimeout(this.tail);
    this.level = 0;
    this.microphone?.close();
    this.microphone = null;
  }
}
