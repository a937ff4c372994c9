import type { ConversationTurn } from "../api/types";
import { milliseconds } from "../times";
import { figuresOf, type LatencyFigures } from "./latency";

export const STAGES = {
  words: "Words settled",
  token: "Model's first token",
  voice: "Voice's first audio",
} as const;
export type StageName = keyof typeof STAGES;

/** A stage of a turn, in milliseconds from the end of the caller's speech. */
export interface Stage {
  name: StageName;
  from: number;
  to: number;
}

export interface TurnStages {
  itemId: string;
  /** Which of the conversation's timed turns it is, from 1. */
  number: number;
  stages: Stage[];
  /** When the turn counted as over. */
  turnEnd: number | null;
  /** When the reply became audible or readable. */
  reply: number;
}

/** The stages of the turns that have an end of speech and a reply. Negative times lie within the caller's speech. */
export function stagesOf(turns: readonly Omit<ConversationTurn, "created_at">[]): TurnStages[] {
  const timed = turns.filter((turn) => isNumber(turn.speech_end_ms) && isNumber(turn.response_latency_ms));
  return timed.map((turn, index) => {
    const zero = turn.speech_end_ms as number;
    const stage = (name: StageName, from?: number | null, to?: number | null): Stage[] =>
      isNumber(from) && isNumber(to) && to > from ? [{ name, from: from - zero, to: to - zero }] : [];
    return {
      itemId: turn.item_id,
      number: index + 1,
      stages: [
        ...stage("words", zero, turn.transcript_ms),
        ...stage("token", turn.model_start_ms, turn.first_token_ms),
        ...stage("voice", turn.first_token_ms, turn.first_audio_ms),
      ],
      turnEnd: isNumber(turn.turn_end_ms) ? turn.turn_end_ms - zero : null,
      reply: turn.response_latency_ms as number,
    };
  });
}

const isNumber = (value: number | null | undefined): value is number => typeof value === "number";

/** The stages of a turn, the longest first, how long each took and who did it: `Words settled 497 ms, deepgram-flux`. */
export function partsTold(turn: Omit<ConversationTurn, "created_at">): string[] {
  const by = { words: turn.recognizer, token: turn.model, voice: turn.voice };
  return (stagesOf([turn])[0]?.stages ?? [])
    .toSorted((a, b) => b.to - b.from - (a.to - a.from))
    .map(({ name, from, to }) => [`${STAGES[name]} ${milliseconds(to - from)}`, by[name]].filter(Boolean).join(", "));
}

/** How long a stage took, over the turns that have it. */
export interface StageFigures extends LatencyFigures {
  name: StageName;
}

export function figuresByStage(turns: readonly TurnStages[]): StageFigures[] {
  return (Object.keys(STAGES) as StageName[]).flatMap((name) => {
    const took = turns.flatMap(({ stages }) => stages.filter((stage) => stage.name === name));
    const figures = figuresOf(took.map(({ from, to }) => to - from));
    return figures ? [{ name, ...figures }] : [];
  });
}

/** The slowest replies, the slowest first. */
export function slowest(turns: readonly TurnStages[], most: number): TurnStages[] {
  return turns.toSorted((a, b) => b.reply - a.reply).slice(0, most);
}

/** What the scale has to hold. */
export function extent(turns: readonly TurnStages[]): { from: number; to: number } {
  const ends = turns.flatMap(({ stages, reply, turnEnd }) => [reply, turnEnd ?? 0, ...stages.map(({ to }) => to)]);
  const begins = turns.flatMap(({ stages }) => stages.map(({ from }) => from));
  return { from: Math.min(0, ...begins), to: Math.max(1, ...ends) };
}
