import { expect, it } from "vitest";
import { costRows } from "../../../src/console/costs/file";
import { usd } from "../../../src/console/costs/usd";
import { csvText } from "../../../src/console/csv";

it("shows fractions of a cent as what they are", () => {
  expect([0, 0.000006, 0.0123, 3.5].map(usd)).toEqual(["$0", "$0.000006", "$0.0123", "$3.50"]);
});

it("is taken along as a file, day by day and provider by provider", () => {
  const sums = { calls: 3, failed: 1, unpriced: 0, cost_usd: 0.5 };
  const used = { prompt_tokens: 0, completion_tokens: 0, audio_seconds: 0, characters_spoken: 0 };
  const provider = { kind: "model", provider: "cerebras", model: "llama, 8b", ...used, characters_discarded: 0 };
  const rows = costRows({ days: [{ day: "2026-03-01", ...sums }], providers: [{ ...provider, ...sums }] });
  expect(csvText(rows).split("\r\n").slice(1)).toEqual([
    "day,2026-03-01,,,,3,1,0,0.5",
    'provider,,model,cerebras,"llama, 8b",3,1,0,0.5',
  ]);
});
