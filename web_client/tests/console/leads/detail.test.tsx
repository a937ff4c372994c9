// @vitest-environment happy-dom
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
  answers: {},
} as LeadRecord;

let isNarrow: boolean;
const page = new PageUnderTest(({ method, path, body }) => {
  if (path === "/api/leads/lead_1") return [200, method === "PATCH" ? { ...LEAD, ...(body as object) } : LEAD];
  if (path.endsWith("/social")) return [200, { looked_at: null, posts: [], accounts: [] }];
  return [200, { items: [], next_cursor: null }];
});

beforeEach(() => {
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

it("is opened to be changed from elsewhere", async () => {
  isNarrow = true;
  await open("edit");
  expect(document.querySelector("form.two")).not.toBeNull();
});

it("has the form beside the rest where there is room", async () => {
  isNarrow = false;
  await open();
  expect(headings().slice(0, 3)).toEqual(["Acme", "Qualification", "Calls"]);
  expect(document.querySelector("form.two")).not.toBeNull();
  expect(page.button("Edit")).toBeUndefined();
});
