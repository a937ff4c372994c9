import type { Research } from "../api/types";
import type { Tone } from "../parts";

export const TONES: Record<Research["status"], Tone> = {
  running: "off",
  completed: "ok",
  cancelled: "degraded",
  failed: "down",
  stopped: "down",
};

/** An address that may be opened: pages alone, never a script. */
export function safeLink(url: string | null): string | null {
  return url && /^https?:\/\//i.test(url) ? url : null;
}

export const percent = (part: number): string => `${Math.round(100 * part)} %`;
