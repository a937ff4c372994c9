// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { ShownErasure } from "../../../src/console/api/types";
import { ErasuresPage } from "../../../src/console/pages/erasures";
import { PageUnderTest } from "../page_under_test";

const REQUEST: ShownErasure = {
  id: "erasure_1",
  status: "requested",
  source: "caller",
  subject: { lead_id: "lead_1" },
  crm: "delete",
  conversation_id: "conv_1",
  counts: {},
  waits_for: null,
  created_at: "2026-01-12T09:00:00Z",
  finished_at: null,
};
const DONE: ShownErasure = {
  ...REQUEST,
  id: "erasure_2",
  status: "finished",
  subject: null,
  counts: { leads: 1, items: 4 },
};
const PLAN = {
  lines: [
    { kind: "items", count: 4, fate: "erased", note: null },
    { kind: "do_not_call", count: 1, fate: "kept", note: "as a keyed hash alone" },
  ],
  waits_for: { conversations: 1 },
  sharing_number: 2,
};

let rows: ShownErasure[];

const page = new PageUnderTest(({ method, path, body }) => {
  if (method === "GET") return [200, { items: rows, next_cursor: null }];
  if (path.endsWith("/confirm") || path.endsWith("/dismiss")) return [200, { ...REQUEST, status: "queued" }];
  const looks = (body as { dry_run?: boolean }).dry_run;
  return looks ? [200, { erasure: null, plan: PLAN }] : [202, { erasure: DONE, plan: null }];
});

beforeEach(() => {
  rows = [REQUEST, DONE];
});

const open = (): Promise<void> => page.show(<ErasuresPage http={new Http("sk_1")} id={null} part={null} />);

it("shows requests and what was erased, and confirms only when the question is answered", async () => {
  await open();
  expect(document.querySelector('a[href="#/conversations/conv_1"]')?.textContent).toBe("A caller");
  expect(page.text).toContain("5");
  await page.press("Confirm");
  expect(page.text).toContain("Anybody can claim to be anybody.");
  expect(page.changes).toEqual([]);
  await page.press("Erase it");
  expect(page.changes.map(({ path }) => path)).toEqual(["/api/erasures/erasure_1/confirm"]);
});

it("dismisses a request", async () => {
  await open();
  await page.press("Dismiss");
  expect(page.changes.map(({ path }) => path)).toEqual(["/api/erasures/erasure_1/dismiss"]);
});

it("shows the plan of a person before anything is erased", async () => {
  rows = [];
  await open();
  expect(page.text).toContain("Nobody has asked yet.");
  await page.fill("Number or e-mail address", "ada@example.com");
  await page.press("Erase…");
  expect(page.changes.map(({ body }) => body)).toEqual([{ email: "ada@example.com", dry_run: true }]);
  expect(page.text).toContain("do not call kept");
  expect(page.text).toContain("To end first: 1 conversations.");
  await page.press("Erase all of this");
  await page.press("Erase it");
  expect(page.changes.at(-1)?.body).toEqual({ email: "ada@example.com" });
  expect(page.text).toContain("It is being erased.");
});
