import { WIRE_RATE } from "./rates";
import processors from "./worklet/main.ts?worklet";

const LOAD_TIMEOUT_MS = 5_000;

/** A running context with our processors in it. */
export interface LoadedContext {
  context: AudioContext;
  /** Converts seconds of the context's clock to `performance.now()`'s milliseconds. */
  toPageMs: (contextTime: number) => number;
}

/** Opens a context, at the wire rate unless told otherwise or not to be had. */
export async function openContext(moduleUrl: string, sampleRate: number | null = WIRE_RATE): Promise<LoadedContext> {
  const context = newContext(sampleRate);
  try {
    // Not awaited: without a click or key before it, it would stay open until there is one.
    context.resume().catch(() => undefined);
    await Promise.race([loadProcessors(context, moduleUrl), deadline()]);
  } catch (error) {
    void context.close();
    throw error;
  }
  return { context, toPageMs: (time) => performance.now() + (time - context.currentTime) * 1000 };
}

const deadline = (): Promise<never> =>
  new Promise((_, reject) => {
    setTimeout(() => reject(new Error("the audio processors did not load")), LOAD_TIMEOUT_MS);
  });

function newContext(sampleRate: number | null): AudioContext {
  const options: AudioContextOptions = { latencyHint: "interactive" };
  if (sampleRate === null) return new AudioContext(options);
  try {
    return new AudioContext({ ...options, sampleRate });
  } catch {
    return new AudioContext(options);
  }
}

/** From a blob, so that the widget is one file; from the server where the page's policy forbids blobs. */
async function loadProcessors(context: AudioContext, moduleUrl: string): Promise<void> {
  const blob = URL.createObjectURL(new Blob([processors], { type: "text/javascript" }));
  try {
    await context.audioWorklet.addModule(blob);
  } catch {
    await context.audioWorklet.addModule(moduleUrl);
  } finally {
    URL.revokeObjectURL(blob);
  }
}
