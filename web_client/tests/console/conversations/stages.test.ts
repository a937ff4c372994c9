import { expect, it } from "vitest";
import { extent, figuresByStage, slowest, stagesOf } from "../../../src/console/conversations/stages";

const TURN = { item_id: "a", speech_end_ms: 1000, response_latency_ms: 400 };

it("counts from the end of the caller's speech; speculation began before it", () => {
  const turns = stagesOf([
    { ...TURN, model_start_ms: 900, first_token_ms: 1100, turn_end_ms: 1350, first_audio_ms: 1400 },
  ]);
  expect(turns[0]?.stages).toEqual([
    { name: "token", from: -100, to: 100 },
    { name: "voice", from: 100, to: 400 },
  ]);
  expect(turns[0]?.turnEnd).toBe(350);
  expect(extent(turns)).toEqual({ from: -100, to: 400 });
});

it("leaves out what has no speech or no reply", () => {
  expect(
    stagesOf([
      { item_id: "a", response_latency_ms: 400 },
      { ...TURN, response_latency_ms: null },
    ]),
  ).toEqual([]);
});

it("sums up many turns: each stage's figures, and the slowest replies", () => {
  const turns = stagesOf(
    Array.from({ length: 20 }, (_, index) => ({
      ...TURN,
      item_id: `item_${index}`,
      response_latency_ms: 100 + index,
      model_start_ms: 1000,
      first_token_ms: index === 0 ? 1500 : 1100,
    })),
  );
  expect(figuresByStage(turns)).toEqual([{ name: "token", p50: 100, p95: 100, worst: 500 }]);
  expect(slowest(turns, 2).map(({ itemId, number }) => [itemId, number])).toEqual([
    ["item_19", 20],
    ["item_18", 19],
  ]);
});
