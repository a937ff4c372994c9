import { expect, it } from "vitest";
import { CaptureClock } from "../../src/realtime/capture_clock";

it("tells when a place in the sent audio was captured", () => {
  const clock = new CaptureClock();
  for (let frame = 1; frame <= 5; frame++) clock.sent(10_000 + frame * 20);
  expect(clock.at(100)).toBe(10_100);
  expect(clock.at(85)).toBe(10_085);
  expect(clock.at(20)).toBe(10_020);
});

it("knows of gaps: the server counts only what it was sent", () => {
  const clock = new CaptureClock();
  clock.sent(1_000);
  clock.sent(9_000);
  expect(clock.at(20)).toBe(1_000);
  expect(clock.at(30)).toBe(8_990);
});

it("does not know what was not sent, or was sent on an earlier connection or long ago", () => {
  const clock = new CaptureClock();
  clock.sent(1_000);
  expect(clock.at(40)).toBeNull();
  expect(clock.at(0)).toBeNull();
  clock.restart();
  expect(clock.at(20)).toBeNull();
  for (let frame = 0; frame < 4_000; frame++) clock.sent(frame * 20);
  expect(clock.at(20)).toBeNull();
  expect(clock.at(4_000 * 20)).toBe(3_999 * 20);
});
