// @vitest-environment happy-dom
import { act } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { LeadRecord } from "../../../src/console/api/types";
import { LeadsPage } from "../../../src/console/pages/leads";
import { PageUnderTest } from "../page_under_test";

const LEAD = {
  id: "lead_1",
  company_name: "Acme",
  contact_name: "Ann Lee",
  contact_title: "Owner",
  contact_email: "ann@acme.example",
  contact_phone: "+14155550132",
  qualification_score: 82,
  qualification_tier: "hot",
  qualification_reasoning: "Wants to buy by March.",
  status: "qualified",
  opted_out_at: null,
  further_emails: [],
  further_phones: [],
  claimed_phones: [],
  answers: {},
  answer_notes: {},
} as Partial<LeadRecord> as LeadRecord;

const AT = "2026-03-01T12:00:00Z";

let isNarrow: boolean;
let lead: LeadRecord;
let refusal: { code: string; message: string } | null;
const page = new PageUnderTest(({ method, path, body }) => {
  if (path === "/api/leads/lead_1") {
    if (method === "PATCH" && refusal) return [409, { error: refusal }];
    return [200, method === "PATCH" ? { ...lead, ...(body as object) } : lead];
  }
  if (path === "/api/leads/lead_0")
    return [404, { error: { code: "lead_not_found", message: "There is no such lead." } }];
  if (path.includes("/claimed-phones/")) return [200, { ...lead, claimed_phones: [] }];
  if (path.endsWith("/social")) return [200, { looked_at: null, posts: [], accounts: [] }];
  return [200, { items: [], next_cursor: null }];
});

beforeEach(() => {
  lead = LEAD;
  refusal = null;
  vi.stubGlobal("matchMedia", () => ({ matches: isNarrow, addEventListener: () => {}, removeEventListener: () => {} }));
});

const open = (part: string | null = null): Promise<void> =>
  page.show(<LeadsPage http={new Http("sk_1")} id="lead_1" part={part} />);

const headings = (): (string | null)[] => [...document.querySelectorAll("h2")].map((heading) => heading.textContent);

it("begins with who it is and the ways to reach them where there is little room, the form behind a button", async () => {
  isNarrow = true;
  await open();
  expect(headings().slice(0, 3)).toEqual(["Acme", "Calls", "Conversations"]);
  const first = document.querySelector(".card")?.textContent;
  for (const told of ["Ann Lee, Owner", "82 hot", "Wants to buy by March.", "CallWriteEdit"])
    expect(first).toContain(told);
  expect(document.querySelector("form.two")).toBeNull();
  await page.press("Edit");
  expect(page.button("Edit")?.getAttribute("aria-expanded")).toBe("true");
  await page.fill("Time zone", "Europe/Berlin");
  await page.press("Save");
  await page.submit();
  expect(page.changes[0]?.body).toEqual({ time_zone: "Europe/Berlin" });
  expect(page.text).toContain("Saved.");
});

it("has no form for a lead that there is none of", async () => {
  isNarrow = false;
  await page.show(<LeadsPage http={new Http("sk_1")} id="lead_0" part={null} />);
  expect(page.text).toContain("There is no such lead.");
  expect(document.querySelector("form")).toBeNull();
});

it("is opened to be changed from elsewhere", async () => {
  isNarrow = true;
  await open("edit");
  expect(document.querySelector("form.two")).not.toBeNull();
});

it("is called as it is in the list where nobody is named", async () => {
  isNarrow = false;
  lead = { ...LEAD, company_name: null, contact_name: null, contact_email: null };
  await open();
  expect(headings()[0]).toBe("+14155550132");
});

it("has the form beside the rest where there is room", async () => {
  isNarrow = false;
  await open();
  expect(headings().slice(0, 3)).toEqual(["Acme", "Qualification", "Calls"]);
  expect(document.querySelector("form.two")).not.toBeNull();
  expect(page.button("Edit")).toBeUndefined();
});

it("shows what they were asked and answered, has it corrected, and keeps the draft where somebody was faster", async () => {
  isNarrow = false;
  const asked = { at: AT, question: "How many seats?", key_id: null, key_name: null };
  lead = { ...LEAD, answers: { seats: "forty", next_step: "a demo" }, answer_notes: { seats: asked } };
  await open();
  for (const told of ["How many seats?", "forty", "Told the agent", "Next step", "a demo"])
    expect(page.text).toContain(told);
  await act(async () => document.querySelector<HTMLButtonElement>('[aria-label="Correct: How many seats?"]')?.click());
  await page.fill("How many seats?", "60");
  refusal = { code: "answer_changed", message: "An answer is not as it was read; read the lead again." };
  lead = { ...lead, answers: { ...lead.answers, seats: "fifty" } };
  await page.submit(1);
  expect(page.changes[0]?.body).toEqual({ answers: { seats: "60" }, answers_seen: { seats: "forty" } });
  expect(page.text).toContain("answer_changed");
  expect(page.text).toContain("fifty");
  expect(document.querySelector<HTMLInputElement>('[aria-label="How many seats?"]')?.value).toBe("60");
  refusal = null;
  await page.submit(1);
  expect(page.changes[1]?.body).toEqual({ answers: { seats: "60" }, answers_seen: { seats: "fifty" } });
  expect(document.querySelector(".answer-form")).toBeNull();
});

it("says who wrote an answer, and takes one away once somebody is sure", async () => {
  isNarrow = true;
  const written = { at: AT, question: "How many seats?", key_id: "key_1", key_name: "Maria" };
  lead = { ...LEAD, answers: { seats: "60" }, answer_notes: { seats: written } };
  await open();
  expect(page.text).toContain("Written by Maria, ");
  await page.press("Correct");
  await page.press("Take away");
  expect(page.changes).toEqual([]);
  await page.press("Take it away");
  expect(page.changes[0]?.body).toEqual({ answers: { seats: null }, answers_seen: { seats: "60" } });
});

it("says who took an answer away, and has it written anew", async () => {
  isNarrow = true;
  const taken = { at: AT, question: "How many seats?", key_id: "key_1", key_name: "Maria" };
  lead = { ...LEAD, answers: {}, answer_notes: { seats: taken } };
  await open();
  expect(page.text).toContain("Taken away by Maria, ");
  await page.press("Correct");
  expect(page.button("Take away")).toBeUndefined();
  await page.fill("How many seats?", "60");
  await page.submit();
  expect(page.changes[0]?.body).toEqual({ answers: { seats: "60" }, answers_seen: { seats: null } });
});

const pressLabelled = (label: string): Promise<void> =>
  act(async () => document.querySelector<HTMLButtonElement>(`[aria-label="${label}"]`)?.click());

it("shows the other ways to reach them, puts one first, takes one off and adds one", async () => {
  isNarrow = false;
  lead = { ...LEAD, further_emails: ["ann@home.example"], further_phones: ["+14155550133", "+14155550134"] };
  await open();
  await pressLabelled("Put +14155550133 first");
  await pressLabelled("Take ann@home.example off");
  await page.fill("Another e-mail or phone", " ann@third.example ");
  await page.press("Add it");
  expect(page.changes.map((change) => change.body)).toEqual([
    { contact_phone: "+14155550133", further_phones: ["+14155550134", "+14155550132"] },
    { further_emails: [] },
    { further_emails: ["ann@third.example"] },
  ]);
});

it("has a number that a caller gave accepted or thrown away", async () => {
  isNarrow = true;
  lead = { ...LEAD, claimed_phones: ["+14155550139"] };
  await open();
  expect(page.text).toContain("+14155550139 a caller gave it");
  await pressLabelled("Accept +14155550139");
  expect(page.changes[0]).toMatchObject({ method: "POST", path: "/api/leads/lead_1/claimed-phones/%2B14155550139" });
  expect(page.text).not.toContain("a caller gave it");
});

it("keeps what was typed where another lead has the address", async () => {
  isNarrow = false;
  await open();
  await page.fill("Another e-mail or phone", "bob@acme.example");
  refusal = { code: "already_exists", message: "There is a lead with this e-mail address already." };
  await page.press("Add it");
  expect(page.text).toContain("There is a lead with this e-mail address already.");
  const label = [...document.querySelectorAll("label")].find((one) => one.textContent === "Another e-mail or phone");
  expect((document.getElementById(label?.htmlFor ?? "") as HTMLInputElement).value).toBe("bob@acme.example");
});

it.each([
  [null, true],
  [AT, false],
])("offers to call whom it may, at every width (opted out: %s)", async (opted_out_at, offered) => {
  lead = { ...LEAD, opted_out_at };
  for (const narrow of [false, true]) {
    isNarrow = narrow;
    await page.show(<p />);
    await open();
    expect(page.button("Call") !== undefined, `narrow: ${narrow}`).toBe(offered);
  }
});
