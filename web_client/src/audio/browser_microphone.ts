import type { LoadedContext } from "./audio_context";
import { type Microphone, MicrophoneError, type MicrophoneFrame, type MicrophoneProblem } from "./ports";
import { CAPTURE_PROCESSOR, type CaptureCommand, type CapturedFrame } from "./worklet/messages";

const CONSTRAINTS: MediaStreamConstraints = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
};

/** Asks for the microphone. Raises MicrophoneError. */
export async function openStream(): Promise<MediaStream> {
  if (!window.isSecureContext || !navigator.mediaDevices) throw new MicrophoneError("insecure");
  try {
    return await navigator.mediaDevices.getUserMedia(CONSTRAINTS);
  } catch (error) {
    throw new MicrophoneError(problemOf(error));
  }
}

function problemOf(error: unknown): MicrophoneProblem {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "refused";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "missing";
  }
}

/** Frames of a microphone stream, by our processor. Throws when the context cannot take the stream at its rate. */
export class BrowserMicrophone implements Microphone {
  private readonly source: MediaStreamAudioSourceNode;
  private readonly node: AudioWorkletNode;

  constructor(
    { context, toPageMs }: LoadedContext,
    private readonly stream: MediaStream,
    onFrame: (frame: MicrophoneFrame) => void,
    lost: () => void,
  ) {
    this.source = context.createMediaStreamSource(stream);
    this.node = new AudioWorkletNode(context, CAPTURE_PROCESSOR, {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    this.source.connect(this.node);
    this.node.port.onmessage = ({ data }: MessageEvent<CapturedFrame>) =>
      onFrame({ samples: data.frame, level: data.level, endMs: toPageMs(data.endTime) });
    for (const track of stream.getTracks()) track.onended = lost;
  }

  mute(muted: boolean): void {
    for (const track of this.stream.getTracks()) track.enabled = !muted;
  }

  recycle(samples: Int16Array<ArrayBuffer>): void {
    this.command({ kind: "recycle", frame: samples }, [samples.buffer]);
  }

  close(): void {
    this.command({ kind: "close" });
    this.node.port.onmessage = null;
    this.source.disconnect();
    for (const track of this.stream.getTracks()) {
      track.onended = null;
      track.stop();
    }
  }

  private command(command: CaptureCommand, transfer: Transferable[] = []): void {
    this.node.port.postMessage(command, transfer);
  }
}
