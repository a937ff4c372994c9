import { expect, it } from "vitest";
import { extent, stagesOf } from "../../../src/console/conversations/stages";

const TURN = { item_id: "a", speech_end_ms: 1000, response_latency_ms: 400 };

it("counts from the end of the caller's speech; speculation began before it", () => {
  const turns = stagesOf([
    { ...TURN, model_start_ms: 900, first_token_ms: 1100, turn_end_ms: 1350, first_audio_ms: 1400 },
  ]);
  expect(turns[0]?.stages).toEqual([
    { name: "Model's first token", from: -100, to: 100 },
    { name: "Voice's first audio", from: 100, to: 400 },
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
