import { expect, it } from "vitest";
import { ApiError } from "../../../src/console/api/http";
import type { ConsentRecord, Suppression } from "../../../src/console/api/types";
import { callName } from "../../../src/console/calls/names";
import { permissionOf } from "../../../src/console/calls/permission";

const NOW = Date.parse("2026-03-02T12:00:00Z");
const CONSENT: ConsentRecord = {
  number: "+14155550132",
  kind: "express_written",
  source: "Web form.",
  given_at: "2026-01-01T00:00:00Z",
  valid_until: null,
  lead_id: null,
  recorded_by: null,
  updated_at: "2026-01-01T00:00:00Z",
};
const NOTHING: Suppression = {
  number: CONSENT.number,
  suppressed: false,
  unwanted: false,
  entry: null,
  consent: null,
  enough: ["express_written"],
};

it.each([
  [NOTHING, "unasked"],
  [{ ...NOTHING, consent: CONSENT }, "given"],
  [{ ...NOTHING, consent: { ...CONSENT, kind: "none" as const } }, "unasked"],
  [{ ...NOTHING, consent: { ...CONSENT, valid_until: "2026-03-02T11:59:59Z" } }, "unasked"],
  [{ ...NOTHING, consent: { ...CONSENT, valid_until: "2026-03-02T12:00:01Z" } }, "given"],
  [{ ...NOTHING, consent: { ...CONSENT, kind: "express" as const } }, "unasked"],
  [{ ...NOTHING, enough: ["express" as const], consent: { ...CONSENT, kind: "express" as const } }, "given"],
  [{ ...NOTHING, suppressed: true, unwanted: true, consent: CONSENT }, "suppressed"],
  [{ ...NOTHING, unwanted: true, consent: CONSENT }, "unwanted"],
])("a number may be called with a consent that lasts, unless it is on the list", (check, kind) => {
  expect(permissionOf(check, NOW).kind).toBe(kind);
});

it("a refusal names what a person knows, and the moment from which on it would be none", () => {
  const refused = new ApiError(409, "outside_calling_hours", "… from 2026-03-02T16:00:00Z on.", 4 * 3600);
  expect(callName(refused, NOW).message).toMatch(
    /^Not called: outside calling hours. Permitted from Mar 2, 2026, .* by/,
  );
  const lacking = new ApiError(403, "no_consent", "PUT /api/consents/{number} makes one.");
  expect(callName(lacking, NOW).message).toBe("Not called: nobody agreed to be called.");
});
