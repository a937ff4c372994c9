import { FrameCutter } from "../frame_cutter";
import type { CaptureCommand, CapturedFrame } from "./messages";

export class CaptureProcessor extends AudioWorkletProcessor {
  private open = true;
  private readonly cutter = new FrameCutter(sampleRate, (frame, level) => {
    const message: CapturedFrame = { frame, level, endTime: currentTime };
    this.port.postMessage(message, [frame.buffer]);
  });

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<CaptureCommand>) => {
      if (data.kind === "close") this.open = false;
      else this.cutter.recycle(data.frame);
    };
  }

  process(inputs: Float32Array[][]): boolean {
    const channel = inputs[0]?.[0];
    if (channel) this.cutter.push(channel);
    return this.open;
  }
}
