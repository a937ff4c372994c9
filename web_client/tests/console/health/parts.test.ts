import { expect, it } from "vitest";
import { partsOf } from "../../../src/console/health/parts";

it("names parts and engines as people do", () => {
  const [part] = partsOf({ voice_activity: { status: "ok", detail: "silero" } });
  expect(part).toEqual({ id: "voice_activity", name: "Voice detection", status: "ok", detail: "Silero", advice: null });
});

it("says what would be better than an embedded engine", () => {
  const [part] = partsOf({ speech_recognition: { status: "ok", detail: "pocketsphinx" } });
  expect(part?.detail).toBe("PocketSphinx, on this machine");
  expect(part?.advice).toContain("DEEPGRAM_API_KEY");
});

it("shows what needs somebody first, and what to do", () => {
  const parts = partsOf({
    voice: { status: "degraded", detail: "cartesia" },
    ledger: { status: "ok", detail: "everything is on the disk" },
    database: { status: "down", detail: "no_answer" },
  });
  expect(parts.map(({ id }) => id)).toEqual(["database", "voice", "ledger"]);
  expect(parts[0]?.detail).toBe("Does not answer");
  expect(parts[0]?.advice).toContain("DATABASE_URL");
  expect(parts[1]?.advice).toContain("Check the key");
  expect(parts[2]?.detail).toBe("Everything is on the disk");
});

it("shows a part it does not know", () => {
  expect(partsOf({ new_part: { status: "down", detail: "some_code" } })).toEqual([
    { id: "new_part", name: "New part", status: "down", detail: "Some code", advice: null },
  ]);
});
