import { beforeEach, expect, it } from "vitest";
import { PlaybackLedger } from "../../src/audio/playback_ledger";
import { msToSamples } from "../../src/audio/rates";

let ledger: PlaybackLedger;
beforeEach(() => {
  ledger = new PlaybackLedger();
});

const second = msToSamples(1_000);

it("maps samples to milliseconds of the item", () => {
  ledger.receive("a", "r", 2 * second);
  ledger.advance("a", second, 0, 0);
  expect(ledger.playedMs("a")).toBe(1_000);
  expect(ledger.receivedMs("a")).toBe(2_000);
});

it("does not count what has not left the loudspeaker yet, and never goes back", () => {
  ledger.receive("a", "r", second);
  ledger.advance("a", msToSamples(500), msToSamples(60), 0);
  expect(ledger.playedMs("a")).toBe(440);
  ledger.advance("a", msToSamples(500), msToSamples(90), 0);
  expect(ledger.playedMs("a")).toBe(440);
});

it("reports about four times a second, and only news", () => {
  ledger.receive("a", "r", 10 * second);
  const reports: number[] = [];
  for (let now = 0; now <= 1_000; now += 50) {
    const progress = ledger.advance("a", msToSamples(now), 0, now);
    if (progress) reports.push(progress.audioMs);
  }
  expect(reports).toEqual([0, 250, 500, 750, 1_000]);
  expect(ledger.advance("a", second, 0, 5_000)).toBeNull();
});

it("drops late audio of a cut item and of a cut response", () => {
  ledger.receive("a", "r", second);
  expect(ledger.cut("a", msToSamples(300))).toEqual({ item: "a", audioMs: 300, final: true });
  expect(ledger.receive("a", "r2", second)).toBe(false);
  ledger.cutResponse("r");
  expect(ledger.receive("b", "r", second)).toBe(false);
  expect(ledger.receive("c", "r2", second)).toBe(true);
});

it("never tells more than was received, and is exact", () => {
  ledger.receive("a", "r", msToSamples(100) + 6);
  expect(ledger.cut("a", second).audioMs).toBe(100.25);
});

it("knows which items are being played", () => {
  expect(ledger.isOpen("a")).toBe(false);
  ledger.receive("a", "r", second);
  expect(ledger.isOpen("a")).toBe(true);
  ledger.finish("a", second);
  expect(ledger.isOpen("a")).toBe(false);
});

it("ends an item with all of it played", () => {
  ledger.receive("a", "r", second);
  expect(ledger.finish("a", second)).toEqual({ item: "a", audioMs: 1_000, final: true });
});

it("stays small over a long conversation", () => {
  for (let i = 0; i < 500; i++) ledger.receive(`item${i}`, `response${i}`, 1);
  expect(ledger.receivedMs("item0")).toBe(0);
  expect(ledger.receivedMs("item499")).toBeGreaterThan(0);
});
