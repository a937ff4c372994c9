import type { ConversationTurn } from "../api/types";

export interface LatencyFigures {
  p50: number;
  p95: number;
  worst: number;
}

/** The latencies of the turns that have one, in milliseconds. */
export function latenciesOf(turns: readonly Pick<ConversationTurn, "response_latency_ms">[]): number[] {
  return turns.map((turn) => turn.response_latency_ms).filter((ms) => typeof ms === "number");
}

/** Nearest-rank percentiles; null without values. */
export function figuresOf(values: readonly number[]): LatencyFigures | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
  return { p50: rank(0.5), p95: rank(0.95), worst: rank(1) };
}
