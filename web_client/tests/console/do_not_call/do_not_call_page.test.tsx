// @vitest-environment happy-dom
import { act } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { SuppressedNumber } from "../../../src/console/api/types";
import { DoNotCallPage } from "../../../src/console/pages/do_not_call";
import { PageUnderTest } from "../page_under_test";

const ENTRY: SuppressedNumber = {
  number: "+14155550132",
  reason: "Asked not to be called again.",
  source: "opt_out",
  lead_id: null,
  conversation_id: "conv_1",
  created_at: "2026-01-12T09:00:00Z",
};
const OTHER: SuppressedNumber = { ...ENTRY, number: "+14155550133", reason: "Letter.", source: "operator" };

let first: SuppressedNumber[];

const page = new PageUnderTest(({ method, path }) => {
  if (method === "DELETE") return [204, null];
  if (method === "POST") return [201, ENTRY];
  if (path.startsWith("/api/do-not-call/check")) {
    return [200, { number: ENTRY.number, suppressed: true, unwanted: true, entry: ENTRY, consent: null, enough: [] }];
  }
  if (path.includes("cursor=after")) return [200, { items: [OTHER], next_cursor: null }];
  return [200, { items: first, next_cursor: first.length ? "after" : null }];
});

beforeEach(() => {
  first = [ENTRY];
});

const open = (): Promise<void> => page.show(<DoNotCallPage http={new Http("sk_1")} id={null} part={null} />);

it("shows who is on the list, why and whose wish it was, page by page", async () => {
  await open();
  expect(page.text).toContain("Asked not to be called again.");
  expect(document.querySelector('a[href="#/conversations/conv_1"]')?.textContent).toBe("The person said so");
  expect(page.text).not.toContain("Letter.");
  await page.press("Show more");
  expect(page.text).toContain("Letter.");
  expect(page.button("Show more")).toBeUndefined();
});

it("takes a number off only when the question is answered", async () => {
  await open();
  await page.press("Take off");
  expect(page.text).toContain("They asked for it. Take off?");
  expect(page.changes).toEqual([]);
  await page.press("Take off");
  expect(page.changes.map(({ method, path }) => [method, path])).toEqual([
    ["DELETE", `/api/do-not-call/${encodeURIComponent(ENTRY.number)}`],
  ]);
  expect(page.text).not.toContain(ENTRY.number);
});

it("enters a number with a reason, and says what to do where nobody is on the list", async () => {
  first = [];
  await open();
  expect(page.text).toContain("Nobody is on it.");
  await page.fill("Number", "415 555 0132");
  await page.fill("Why", "Letter");
  await page.submit();
  expect(page.changes.map(({ body }) => body)).toEqual([{ number: "415 555 0132", reason: "Letter" }]);
});

it("leads from a number that is looked up to where its person said so", async () => {
  first = [];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await page.show(<DoNotCallPage http={new Http("sk_1")} id={ENTRY.number} part={null} />);
  await act(() => vi.advanceTimersByTimeAsync(1000));
  vi.useRealTimers();
  expect(page.text).toMatch(/On the list Asked not to be called again\. Since Jan 12, 2026/);
  expect(document.querySelector('a[href="#/conversations/conv_1"]')?.textContent).toBe("What was said");
});
