import { expect, it } from "vitest";
import type { ConflictGroup } from "../../../src/console/api/types";
import { alike, consequence, counted, total } from "../../../src/console/sync/alike";

const group = (given: Partial<ConflictGroup>): ConflictGroup => ({
  platform: "close",
  kind: "both_changed",
  field: "email",
  open: 1,
  newest_at: "2026-01-01T00:00:00Z",
  deleted_here: 0,
  deleted_there: 0,
  ...given,
});
const GROUPS = [
  group({ open: 1200 }),
  group({ field: "title", open: 3 }),
  group({ kind: "deleted", field: "contact", open: 5, deleted_here: 1, deleted_there: 4 }),
  group({ platform: "linkedin", open: 2 }),
];

it("takes what is alike and counts it", () => {
  expect(total(alike(GROUPS, {}))).toBe(1210);
  expect(total(alike(GROUPS, { platform: "close", field: "email" }))).toBe(1200);
  expect(alike(GROUPS, { kind: "cleared" })).toEqual([]);
  expect(counted(GROUPS, "field")).toEqual([
    { value: "email", open: 1202 },
    { value: "contact", open: 5 },
    { value: "title", open: 3 },
  ]);
});

it("says what a decision does before it is made", () => {
  const close = alike(GROUPS, { platform: "close" });
  expect(consequence(close, "remote", "Close")).toBe(
    "For 1,204 of them what Close has then holds on both sides. 4 contacts are deleted. This cannot be undone.",
  );
  expect(consequence(close, "local", "Close")).toBe(
    "For 1,207 of them what is here then holds on both sides. 1 contact is deleted. This cannot be undone.",
  );
  expect(consequence([group({ kind: "refused", open: 2 })], "local", "Close")).toBe(
    "2 stay here alone. This cannot be undone.",
  );
  expect(consequence([group({ kind: "deleted", open: 2, deleted_there: 2 })], "remote", "Close")).toBe(
    "2 contacts are deleted. This cannot be undone.",
  );
});
