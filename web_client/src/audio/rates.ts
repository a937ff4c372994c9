/** The one wire format: signed 16-bit little-endian mono PCM at this rate. */
export const WIRE_RATE = 24_000;
export const FRAME_MS = 20;
export const FRAME_SAMPLES = (WIRE_RATE * FRAME_MS) / 1000;

export const samplesToMs = (samples: number): number => (samples * 1000) / WIRE_RATE;
export const msToSamples = (ms: number): number => Math.round((ms * WIRE_RATE) / 1000);
