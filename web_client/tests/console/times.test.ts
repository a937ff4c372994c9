import { expect, it } from "vitest";
import { ago, agoToTheMinute, lasted, milliseconds } from "../../src/console/times";

const NOW = Date.parse("2026-01-12T10:00:00Z");

it.each([
  ["2026-01-12T09:59:40Z", "just now"],
  ["2026-01-12T09:48:00Z", "12 min ago"],
  ["2026-01-12T07:00:00Z", "3 h ago"],
  ["2026-01-12T10:00:09Z", "just now"],
])("%s was %s", (moment, words) => {
  expect(ago(moment, NOW)).toBe(words);
});

it("gives a duration as minutes and seconds, and hours where there are any", () => {
  expect(lasted("2026-01-12T09:00:00Z", "2026-01-12T09:02:05Z")).toBe("2:05");
  expect(lasted("2026-01-12T09:00:00Z", "2026-01-12T10:02:05Z")).toBe("1:02:05");
});

it.each([
  [0.4, "0 ms"],
  [420.4, "420 ms"],
  [1240, "1.24 s"],
  [31_000, "31 s"],
])("%d ms reads %s", (ms, words) => {
  expect(milliseconds(ms)).toBe(words);
});

it("tells what is longer than an hour ago to the minute, where things have to be put in order", () => {
  const now = Date.parse("2026-01-12T09:00:00Z");
  expect(agoToTheMinute("2026-01-12T08:30:00Z", now)).toBe("30 min ago");
  expect(agoToTheMinute("2026-01-10T07:05:00Z", now)).toMatch(/^Jan (9|10|11), \d+:\d5/);
  expect(agoToTheMinute("2025-11-10T07:05:00Z", now)).toContain("2025");
});
