import { expect, it } from "vitest";
import { Outbox } from "../../src/realtime/outbox";

it("keeps the last five seconds of audio", () => {
  const outbox = new Outbox();
  for (let i = 0; i < 300; i++) outbox.add({ type: "input_audio_buffer.append", audio: `frame${i}`, captured_ms: 0 });
  const kept = outbox.drain();
  expect(kept.length).toBe(250);
  expect(kept[0]).toEqual({ type: "input_audio_buffer.append", audio: "frame50", captured_ms: 0 });
  expect(outbox.dropped).toBe(50);
  expect(outbox.drain()).toEqual([]);
});

it("refuses facts past its bound", () => {
  const outbox = new Outbox();
  const add = (): boolean => outbox.add({ type: "sales_agent.playback", item_id: "i", audio_ms: 1, final: true });
  const answers = Array.from({ length: 65 }, add);
  expect(answers.filter(Boolean).length).toBe(64);
  expect(answers.at(-1)).toBe(false);
});
