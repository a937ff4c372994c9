// @vitest-environment happy-dom
import { act } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { Http } from "../../../src/console/api/http";
import type {
  AgentProfile,
  CallList,
  CallListEntry,
  CallListFigures,
  Suppression,
} from "../../../src/console/api/types";
import { termsTold } from "../../../src/console/call_lists/names";
import { termsAsked, USUAL } from "../../../src/console/call_lists/plan";
import { CallListsPage } from "../../../src/console/pages/call_lists";
import { PageUnderTest } from "../page_under_test";

const LIST: CallList = {
  id: "l1",
  name: "Spring",
  purpose: "your trial",
  agent: null,
  audience: { industry: "bakery" },
  status: "draft",
  reason: null,
  hours: null,
  per_hour: null,
  at_once: 3,
  attempts: 3,
  retry_after_minutes: 240,
  people: { waiting: 4, calling: 0, done: 0, left_out: 3 },
  results: {},
  left_out: { no_consent: 2, no_phone: 1 },
  next_at: null,
  archived_at: null,
  created_at: "2026-01-12T09:00:00Z",
};
const ENTRY: CallListEntry = {
  id: "e1",
  lead_id: "lead_1",
  contact_name: "Ann Lee",
  company_name: "Acme",
  contact_phone: "+14155550132",
  status: "done",
  result: "booked",
  reason: null,
  next_at: null,
  calls: [
    {
      id: "call_1",
      status: "completed",
      code: null,
      conversation_id: "conv_1",
      created_at: "2026-01-12T09:00:00Z",
      answered_at: "2026-01-12T09:00:09Z",
      ended_at: "2026-01-12T09:02:00Z",
    },
  ],
};

const CHECK: Suppression = {
  number: "+14155550132",
  suppressed: false,
  unwanted: false,
  entry: null,
  consent: null,
  enough: ["express_written"],
};

const DEFAULT = { slug: "default", name: "Alex", is_default: true };

let list: CallList | null;
let figures: CallListFigures;
let entry: CallListEntry;
let agents: Partial<AgentProfile>[];

const page = new PageUnderTest(({ method, path }) => {
  if (path === "/api/agent-profiles") return [200, { items: agents, next_cursor: null }];
  if (path === "/api/call-lists/audience") return [200, { people: 7, left_out: { no_consent: 2 } }];
  if (path.includes("/figures")) return [200, figures];
  if (path.startsWith("/api/do-not-call/check")) return [200, CHECK];
  if (path.endsWith("/again")) return [204, null];
  if (path.includes("/entries")) return [200, { items: [entry], next_cursor: null }];
  if (method === "GET" && !path.includes("/l1")) return [200, { items: list ? [list] : [], next_cursor: null }];
  return [200, list];
});

beforeEach(() => {
  list = LIST;
  entry = ENTRY;
  agents = [DEFAULT];
  figures = { results: [], calls: 0, hours: [] };
});

const open = (id: string | null): Promise<void> =>
  page.show(<CallListsPage http={new Http("sk_1")} id={id} part={null} />);

it("says what to do where there is none, and else how far each is", async () => {
  list = null;
  await open(null);
  expect(page.text).toContain("No call lists yet.");
  list = { ...LIST, people: { ...LIST.people, waiting: 1, calling: 1, done: 2 }, results: { booked: 1, no_answer: 1 } };
  await open("l1");
  await open(null);
  expect(page.text).toContain("1 booked a meeting, 1 no answer, 1 being called, 1 to be called");
});

it("puts one away that is over, and has it back", async () => {
  await open("l1");
  expect(page.button("Archive")).toBeUndefined();
  list = { ...LIST, status: "finished" };
  await open("l1");
  await page.press("Archive");
  list = { ...LIST, status: "finished", archived_at: "2026-01-13T09:00:00Z" };
  await open("l1");
  await page.press("Take it out of the archive");
  expect(page.changes.map(({ path }) => path)).toEqual(["/api/call-lists/l1/archive", "/api/call-lists/l1/unarchive"]);
});

it("counts whom it would call before it is made", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await open("new");
  await page.fill("Name", "Spring");
  await page.fill("Why: “I'm calling about …”", "your trial");
  await page.fill("Industry", "bakery");
  expect(page.button("Make it")?.disabled).toBe(true);
  await act(async () => vi.advanceTimersByTimeAsync(400));
  vi.useRealTimers();
  expect(page.changes.map(({ body }) => body)).toEqual([{ audience: { industry: "bakery" }, max_leads: 500 }]);
  expect(page.text).toContain("7 people would be called");
  expect(page.text).toContain("Left out: 2 without consent.");
  await page.submit();
  expect(page.changes[1]).toEqual({
    method: "POST",
    path: "/api/call-lists",
    body: {
      name: "Spring",
      purpose: "your trial",
      audience: { industry: "bakery" },
      max_leads: 500,
      at_once: 3,
      attempts: 3,
      retry_after_minutes: 240,
    },
  });
  expect(location.hash).toBe("#/call_lists/l1");
});

it("asks before telephones ring, and goes on, pauses and stops as its state allows", async () => {
  await open("l1");
  expect(page.text).toContain("Left out: 2 without consent · 1 without a telephone number.");
  expect(page.button("Start")?.className).toBe("primary");
  expect(page.button("Stop")).toBeUndefined();
  await page.press("Start");
  expect(page.changes).toEqual([]);
  list = {
    ...LIST,
    status: "running",
    people: { waiting: 2, calling: 1, done: 1, left_out: 3 },
    results: { reached: 1 },
  };
  await page.press("Call 4 people");
  expect(page.text).toContain("3 to go · 1 on the line");
  expect(document.querySelector("progress")?.value).toBe(1);
  list = { ...list, status: "paused", reason: "person" };
  await page.press("Pause");
  expect(page.text).toContain("Paused by a person.");
  list = { ...list, status: "running", reason: null };
  await page.press("Go on");
  await page.press("Stop");
  list = { ...list, status: "stopped", people: { ...list.people, calling: 0 } };
  await page.press("Stop it");
  expect(page.changes.map(({ path }) => path.split("/").at(-1))).toEqual(["start", "pause", "start", "stop"]);
  expect(page.button("Go on")).toBeUndefined();
});

it("changes how fast it calls, also while it runs", async () => {
  list = { ...LIST, status: "running", per_hour: 60 };
  await open("l1");
  expect(page.button("Save")?.disabled).toBe(true);
  await page.fill("Lines at once", "5");
  await page.fill("Calls an hour", "");
  await page.submit();
  expect(page.changes).toEqual([
    { method: "PATCH", path: "/api/call-lists/l1", body: { at_once: 5, per_hour: null, attempts: 3 } },
  ]);
});

it("gives it another agent, also where the one it had is gone and the default one alone is left", async () => {
  await open("l1");
  expect(page.text).not.toContain("Who talks");
  agents = [DEFAULT, { slug: "bikes", name: "Zoë", is_default: false }];
  await open(null);
  await open("l1");
  await page.fill("Who talks", "bikes");
  list = { ...LIST, agent: "bikes" };
  await page.submit();
  expect(page.button("Save")?.disabled).toBe(true);
  agents = [DEFAULT];
  list = { ...list, status: "paused", reason: "agent_deleted" };
  await open(null);
  await open("l1");
  expect(page.text).toContain("choose another, then go on");
  expect([...document.querySelectorAll("option")].map(({ textContent }) => textContent)).toEqual([
    "Alex",
    "“bikes”, deleted",
  ]);
  expect(page.button("Save")?.disabled).toBe(true);
  await page.fill("Who talks", "");
  await page.submit();
  const pace = { at_once: 3, per_hour: null, attempts: 3 };
  expect(page.changes.map(({ method, body }) => [method, body])).toEqual([
    ["PATCH", { ...pace, agent: "bikes" }],
    ["PATCH", { ...pace, agent: null }],
  ]);
});

it("shows what came of it, by person and by hour, and links what was said", async () => {
  list = {
    ...LIST,
    status: "finished",
    people: { waiting: 0, calling: 0, done: 2, left_out: 0 },
    results: { booked: 1 },
  };
  figures = {
    results: [
      { result: "booked", reason: null, people: 1 },
      { result: "refused", reason: "no_consent", people: 1 },
    ],
    calls: 2,
    hours: [{ hour: 9, outcome: "answered", calls: 2 }],
  };
  await open("l1");
  const results = document.querySelector(".result-bars")?.textContent ?? "";
  expect(results).toContain("Not permitted without consent1");
  expect(document.querySelector(".call-hours [role=img]")?.getAttribute("aria-label")).toBe(
    "9:00 to 10:00: 2 answered",
  );
  const links = [...document.querySelectorAll("td a")].map((link) => link.getAttribute("href"));
  expect(links).toEqual(["#/leads/lead_1", "#/conversations/conv_1"]);
});

it("tells how it calls, and asks for no more than was filled in", () => {
  expect(termsTold(LIST)).toBe(
    "Up to 3 times each, 4 h apart, 3 at once, whenever people may be called by their clock.",
  );
  expect(termsAsked(USUAL)).toEqual({ at_once: 3, attempts: 3, retry_after_minutes: 240 });
  expect(termsAsked({ ...USUAL, retryHours: "0.5", perHour: "60", hours: " mon-fri 10:00-12:00 " })).toEqual({
    at_once: 3,
    attempts: 3,
    retry_after_minutes: 30,
    per_hour: 60,
    hours: "mon-fri 10:00-12:00",
  });
});

it("deletes a list that was never started or is over, after a question, and none that calls", async () => {
  await open("l1");
  await page.press("Delete");
  expect(page.text).toContain("Nobody was called for it.");
  await page.press("Delete it");
  expect(page.changes).toEqual([{ method: "DELETE", path: "/api/call-lists/l1", body: null }]);
  expect(location.hash).toBe("#/call_lists");
  list = { ...LIST, status: "running" };
  await open(null);
  await open("l1");
  expect(page.button("Delete")).toBeUndefined();
  list = { ...LIST, status: "finished", people: { ...LIST.people, waiting: 0, done: 4 } };
  await open(null);
  await open("l1");
  await page.press("Delete");
  expect(page.text).toContain("The calls and their conversations stay.");
});

it("takes somebody in who was left out, with their consent where it lacks", async () => {
  entry = { ...ENTRY, id: "e2", status: "left_out", result: null, reason: "no_consent", calls: [] };
  await open("l1");
  await page.press("Record their consent");
  await act(async () => void (await new Promise((resolve) => setTimeout(resolve, 400))));
  await page.fill("Where, for who has to show it", "Web form");
  await page.press("Record, and call them");
  expect(page.changes.map(({ path }) => path)).toEqual([
    `/api/consents/${encodeURIComponent("+14155550132")}`,
    "/api/call-lists/l1/entries/e2/again",
  ]);
  page.changes.length = 0;
  entry = { ...ENTRY, id: "e3", result: "do_not_call", calls: [] };
  await open(null);
  await open("l1");
  expect([...document.querySelectorAll("a")].some((link) => link.textContent === "See the entry")).toBe(true);
  await page.press("Call them after all");
  expect(page.changes.map(({ path }) => path)).toEqual(["/api/call-lists/l1/entries/e3/again"]);
});
