import type { ConversationTurn } from "../api/types";

export interface LatencyFigures {
  p50: number;
  p95: number;
  worst: number;
}

/** The latencies of the turns that have one, in milliseconds. */
export function latenciesOf(turns: readonly ConversationTurn[]): { itemId: string; ms: number }[] {
  return turns.flatMap(({ item_id, response_latency_ms }) =>
    typeof response_latency_ms === "number" ? [{ itemId: item_id, ms: response_latency_ms }] : [],
  );
}

/** Nearest-rank percentiles; null without values. */
export function figuresOf(values: readonly number[]): LatencyFigures | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
  return { p50: rank(0.5), p95: rank(0.95), worst: rank(1) };
}

/** A round number at or above the value, for the top of a scale: 1, 2 or 5 times a power of ten. */
export function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}
