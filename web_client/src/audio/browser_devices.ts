import { type LoadedContext, openContext } from "./audio_context";
import { BrowserMicrophone, openStream } from "./browser_microphone";
import { BrowserSpeaker } from "./browser_speaker";
import type { AudioDevices, Microphone, MicrophoneFrame, Speaker, SpeakerReport } from "./ports";

/** Where the server has the processors, for pages that forbid blobs. */
export const WORKLET_PATH = "/assets/audio-worklet.js";

/**
 * The browser's microphone and loudspeaker. One context serves both, so that echo cancellation and times agree; a
 * browser that takes no microphone at that context's rate gets a second one, and the processor resamples.
 */
export class BrowserDevices implements AudioDevices {
  private main: Promise<LoadedContext> | null = null;
  private second: LoadedContext | null = null;

  /** `moduleUrl`: where the processors lie on the server, for pages that forbid blobs. */
  constructor(private readonly moduleUrl: string) {}

  async openSpeaker(report: (report: SpeakerReport) => void): Promise<Speaker> {
    return new BrowserSpeaker(await this.context(), report);
  }

  async openMicrophone(onFrame: (frame: MicrophoneFrame) => void, lost: () => void): Promise<Microphone> {
    const context = this.context();
    context.catch(() => undefined); // Awaited below; it must not count as unhandled while the visitor is asked.
    const stream = await openStream();
    try {
      return await this.attach(await context, stream, onFrame, lost);
    } catch (error) {
      for (const track of stream.getTracks()) track.stop();
      throw error;
    }
  }

  close(): void {
    void this.main?.then(({ context }) => context.close()).catch(() => undefined);
    void this.second?.context.close();
    this.main = null;
    this.second = null;
  }

  private async attach(
    audio: LoadedContext,
    stream: MediaStream,
    onFrame: (frame: MicrophoneFrame) => void,
    lost: () => void,
  ): Promise<Microphone> {
    try {
      return new BrowserMicrophone(audio, stream, onFrame, lost);
    } catch {
      this.second ??= await openContext(this.moduleUrl, null);
      return new BrowserMicrophone(this.second, stream, onFrame, lost);
    }
  }

  private context(): Promise<LoadedContext> {
    this.main ??= this.open();
    return this.main;
  }

  private async open(): Promise<LoadedContext> {
    try {
      const audio = await openContext(this.moduleUrl);
      keepRunning(audio.context);
      return audio;
    } catch (error) {
      this.main = null;
      throw error;
    }
  }
}

/** A phone call or another tab may suspend the sound; it comes back as soon as that is allowed. */
function keepRunning(context: AudioContext): void {
  context.addEventListener("statechange", () => {
    if (context.state !== "running" && context.state !== "closed") context.resume().catch(() => undefined);
  });
}
