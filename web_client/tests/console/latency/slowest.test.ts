import { expect, it } from "vitest";
import { longestPart } from "../../../src/console/latency/slowest";

const reply = (turn: object) => ({
  conversation_id: "conv_1",
  channel: "phone" as const,
  company_name: null,
  contact_name: null,
  turn: { item_id: "item_1", created_at: "2026-01-01T00:00:00Z", response_latency_ms: 1500, ...turn },
});

it("names the stage that took longest, and who did it", () => {
  const times = { speech_end_ms: 1000, transcript_ms: 1100, model_start_ms: 1100, first_token_ms: 2300 };
  const told = longestPart(reply({ ...times, first_audio_ms: 2400, model: "cerebras/llama", voice: "cartesia" }));
  expect(told).toBe("Model's first token 1.20 s, cerebras/llama");
  expect(longestPart(reply(times))).toBe("Model's first token 1.20 s");
});

it("has nothing to tell of a reply without stages", () => {
  expect(longestPart(reply({}))).toBe("–");
});
