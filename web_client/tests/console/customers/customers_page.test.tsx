// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { Customer, LeadRecord } from "../../../src/console/api/types";
import { CustomersPage } from "../../../src/console/pages/customers";
import { PageUnderTest } from "../page_under_test";

const LEAD = {
  id: "lead_1",
  company_name: "Acme",
  contact_name: "Ann Lee",
  contact_title: null,
  contact_email: "ann@acme.com",
  contact_phone: null,
  industry: null,
  notes: null,
  opted_out_at: null,
  updated_at: "2026-01-12T09:00:00Z",
} as LeadRecord;
const CUSTOMER: Customer = {
  lead: LEAD,
  conversations: [],
  meetings: [],
  open: [
    {
      kind: "person_wanted",
      since: "2026-01-12T09:00:00Z",
      conversation_id: "conv_1",
      thread_id: null,
      agent: null,
    },
    {
      kind: "answer_wanted",
      since: "2026-01-12T09:00:00Z",
      conversation_id: null,
      thread_id: "thread_1",
      agent: "bdr",
    },
  ],
};

let found: LeadRecord[];

const page = new PageUnderTest(({ path }) =>
  path.startsWith("/api/customers?") ? [200, { items: found, next_cursor: null }] : [200, CUSTOMER],
);

beforeEach(() => {
  found = [LEAD];
});

const open = (id: string | null): Promise<void> =>
  page.show(<CustomersPage http={new Http("sk_1")} id={id} part={null} />);

it("lists customers, and says how somebody becomes one", async () => {
  await open(null);
  expect(document.querySelector('a[href="#/customers/lead_1"]')?.textContent).toBe("Acme");
  found = [];
  await page.fill("Search", "nobody");
  expect(page.text).toContain("No customer is like that.");
});

it("shows what is open with a customer, and leads to where it is done", async () => {
  await open("lead_1");
  const links = [...document.querySelectorAll(".waiting a")].map((link) => link.getAttribute("href"));
  expect(links).toEqual(["#/conversations/conv_1", "#/agents/thread/thread_1"]);
  expect(page.text).toContain("BDR waits for an answer");
});
