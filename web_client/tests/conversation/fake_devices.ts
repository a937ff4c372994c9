import type { PlayedItem } from "../../src/audio/playback_queue";
import {
  type AudioDevices,
  MicrophoneError,
  type MicrophoneFrame,
  type MicrophoneProblem,
  type Speaker,
  type SpeakerReport,
} from "../../src/audio/ports";

export class FakeSpeaker implements Speaker {
  played: PlayedItem[] = [];
  calls: string[] = [];
  constructor(readonly report: (report: SpeakerReport) => void) {}
  play(item: string, samples: Int16Array): void {
    this.calls.push(`play ${item} ${samples.length}`);
  }
  end(item: string): void {
    this.calls.push(`end ${item}`);
  }
  async flush(): Promise<PlayedItem[]> {
    this.calls.push("flush");
    return this.played;
  }
  pause(): void {
    this.calls.push("pause");
  }
  resume(): void {
    this.calls.push("resume");
  }
  mute(muted: boolean): void {
    this.calls.push(`mute ${muted}`);
  }
  close(): void {
    this.calls.push("close");
  }
}

export class FakeDevices implements AudioDevices {
  speaker: FakeSpeaker | null = null;
  frame: ((frame: MicrophoneFrame) => void) | null = null;
  lost: (() => void) | null = null;
  problem: MicrophoneProblem | null = null;
  microphoneCalls: string[] = [];
  closed = 0;

  async openSpeaker(report: (report: SpeakerReport) => void): Promise<Speaker> {
    this.speaker = new FakeSpeaker(report);
    return this.speaker;
  }
  async openMicrophone(frame: (frame: MicrophoneFrame) => void, lost: () => void) {
    if (this.problem) throw new MicrophoneError(this.problem);
    this.frame = frame;
    this.lost = lost;
    const call = (name: string) => this.microphoneCalls.push(name);
    return {
      mute: (muted: boolean) => void call(`mute ${muted}`),
      recycle: () => undefined,
      close: () => void call("close"),
    };
  }
  close(): void {
    this.closed++;
  }
}
