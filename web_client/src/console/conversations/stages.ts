import type { ConversationTurn } from "../api/types";

/** A stage of a turn, in milliseconds from the end of the caller's speech. */
export interface Stage {
  name: string;
  from: number;
  to: number;
}

export interface TurnStages {
  itemId: string;
  stages: Stage[];
  /** When the turn counted as over. */
  turnEnd: number | null;
  /** When the reply became audible or readable. */
  reply: number;
}

/** The stages of the turns that have an end of speech and a reply. Negative times lie within the caller's speech. */
export function stagesOf(turns: readonly ConversationTurn[]): TurnStages[] {
  return turns.flatMap((turn) => {
    const zero = turn.speech_end_ms;
    const reply = turn.response_latency_ms;
    if (typeof zero !== "number" || typeof reply !== "number") return [];
    const stage = (name: string, from?: number | null, to?: number | null): Stage[] =>
      typeof from === "number" && typeof to === "number" && to > from
        ? [{ name, from: from - zero, to: to - zero }]
        : [];
    const stages = [
      ...stage("Words settled", zero, turn.transcript_ms),
      ...stage("Model's first token", turn.model_start_ms, turn.first_token_ms),
      ...stage("Voice's first audio", turn.first_token_ms, turn.first_audio_ms),
    ];
    const turnEnd = typeof turn.turn_end_ms === "number" ? turn.turn_end_ms - zero : null;
    return [{ itemId: turn.item_id, stages, turnEnd, reply }];
  });
}

/** What the scale has to hold. */
export function extent(turns: readonly TurnStages[]): { from: number; to: number } {
  const ends = turns.flatMap(({ stages, reply, turnEnd }) => [reply, turnEnd ?? 0, ...stages.map(({ to }) => to)]);
  const begins = turns.flatMap(({ stages }) => stages.map(({ from }) => from));
  return { from: Math.min(0, ...begins), to: Math.max(1, ...ends) };
}
