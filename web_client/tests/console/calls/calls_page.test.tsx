// @vitest-environment happy-dom
import { act } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { CallReport, ListedPhoneCall, Suppression } from "../../../src/console/api/types";
import { CallsPage } from "../../../src/console/pages/calls";
import { PageUnderTest } from "../page_under_test";

const NUMBER = "+14155550132";
const CALL: ListedPhoneCall = {
  id: "call_1",
  to: NUMBER,
  lead_id: "lead_1",
  status: "refused",
  code: "outside_calling_hours",
  message: "It is 21:40 where they are.",
  retry_at: "2126-01-12T08:00:00Z",
  purpose: "your trial",
  conversation_id: null,
  created_at: "2026-01-12T09:00:00Z",
  answered_at: null,
  ended_at: null,
  company_name: "Acme",
  contact_name: "Ann Lee",
};
const REPORT: CallReport = {
  time_zone: "UTC",
  calls: 3,
  outcomes: [
    { outcome: "answered", calls: 2 },
    { outcome: "refused", calls: 1 },
  ],
  hours: [
    { hour: 9, outcome: "answered", calls: 2 },
    { hour: 20, outcome: "refused", calls: 1 },
  ],
  codes: [{ code: "no_consent", calls: 1 }],
};

let calls: ListedPhoneCall[];
let check: Suppression;

const page = new PageUnderTest(({ method, path }) => {
  if (path.startsWith("/api/reports/calls")) return [200, REPORT];
  if (path.startsWith("/api/do-not-call/check")) return [200, check];
  if (path.startsWith("/api/agent-profiles")) return [200, { items: [], next_cursor: null }];
  if (method === "GET") return [200, { items: calls, next_cursor: null }];
  return [200, CALL];
});

beforeEach(() => {
  calls = [CALL];
  check = {
    number: NUMBER,
    suppressed: false,
    unwanted: false,
    entry: null,
    consent: null,
    enough: ["express_written"],
  };
});

const open = (): Promise<void> => page.show(<CallsPage http={new Http("sk_1")} id={null} part={null} />);

/** Typing pauses. */
async function type(number: string): Promise<void> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await page.fill("Number", number);
  await act(async () => vi.advanceTimersByTimeAsync(400));
  vi.useRealTimers();
}

it("tells what became of each call, why one was not made, and from when on it may be", async () => {
  await open();
  expect(page.text).toContain("Ann Lee, Acme");
  expect(page.text).toContain("Not permitted");
  expect(page.text).toContain("It was not the hour to call there.");
  expect(page.text).toContain("Permitted from Jan 12, 2126");
  expect(document.querySelector('[role="img"]')?.getAttribute("aria-label")).toBe(
    "9:00 to 10:00: 2 answered; 20:00 to 21:00: 1 not permitted",
  );
  expect(page.text).toContain("Not made: 1 nobody agreed to be called");
});

it("records the consent that lacks before it calls, and asks first", async () => {
  await open();
  await type(NUMBER);
  expect(page.text).toContain("Needs consent");
  expect(page.button("Record and call")?.disabled).toBe(true);
  await page.fill("Where, for who has to show it", "Web form");
  await page.fill("Why: “I'm calling about …”", "your trial");
  await page.press("Record and call");
  expect(page.changes).toEqual([]);
  await page.press("Call");
  expect(page.changes).toEqual([
    {
      method: "PUT",
      path: `/api/consents/${encodeURIComponent(NUMBER)}`,
      body: { kind: "express_written", source: "Web form" },
    },
    { method: "POST", path: "/api/calls", body: { to: NUMBER, purpose: "your trial" } },
  ]);
});

it("offers no call to who is on the do-not-call list", async () => {
  const entry = { number: NUMBER, reason: "Asked by letter.", source: "operator" as const };
  check = {
    ...check,
    suppressed: true,
    unwanted: true,
    entry: { ...entry, lead_id: null, conversation_id: null, created_at: CALL.created_at },
  };
  await open();
  await type(NUMBER);
  expect(page.text).toContain("On the do-not-call list Asked by letter.");
  expect(page.button("Call")?.disabled).toBe(true);
});

it("says what to do where nobody was called yet", async () => {
  calls = [];
  await open();
  expect(page.text).toContain("Nobody was called yet.");
});

it("records the consent that a refused call lacked where it stands, and calls again", async () => {
  calls = [{ ...CALL, code: "no_consent", message: "PUT /api/consents/{number} makes one.", retry_at: null }];
  await open();
  expect(page.text).toContain("No consent is on record that permits it.");
  expect(page.text).not.toContain("PUT");
  await page.press("Record their consent");
  await act(async () => void (await new Promise((resolve) => setTimeout(resolve, 400))));
  const dialog = document.querySelector("dialog");
  expect(dialog?.open).toBe(true);
  expect(dialog?.textContent).toContain("Prior express written consent");
  await page.fill("How they agreed", "express");
  expect(dialog?.textContent).toContain("This server calls nobody on this kind");
  await page.fill("How they agreed", "express_written");
  expect(page.button("Record and call now")?.disabled).toBe(true);
  await page.fill("Where, for who has to show it", "Letter");
  await page.press("Record and call now");
  expect(page.changes.map(({ path }) => path)).toEqual([`/api/consents/${encodeURIComponent(NUMBER)}`, "/api/calls"]);
  expect(page.changes[1]?.body).toEqual({ to: NUMBER, lead_id: "lead_1", purpose: "your trial" });
  expect(document.querySelector("dialog")).toBeNull();
});

it("calls again once it is permitted, and says where else to look", async () => {
  calls = [{ ...CALL, retry_at: "2026-01-12T08:00:00Z" }];
  await open();
  await page.press("Call again");
  await page.press("Call");
  expect(page.changes.map(({ path }) => path)).toEqual(["/api/calls"]);
  calls = [
    { ...CALL, id: "2", retry_at: null },
    { ...CALL, id: "3", retry_at: null, code: "do_not_call" },
  ];
  await page.show(<p />);
  await open();
  const links = [...document.querySelectorAll(".why a")].map((link) => link.getAttribute("href"));
  expect(links).toEqual(["#/leads/lead_1/edit", `#/do_not_call/${encodeURIComponent(NUMBER)}`]);
});
