// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { Contact } from "../../../src/console/api/types";
import { ContactsPage } from "../../../src/console/pages/contacts";
import { PageUnderTest } from "../page_under_test";

const CONTACT: Contact = {
  id: "contact_1",
  crm_platform: "close",
  external_id: null,
  lead_id: null,
  email: "ann@acme.com",
  emails: [
    { email: "ann@acme.com", type: "office" },
    { email: "ann@home.example", type: "home" },
  ],
  first_name: "Ann",
  last_name: "Lee",
  company: "Acme",
  title: null,
  phone: "+14155550132",
  phones: [
    { phone: "+14155550132", type: "office" },
    { phone: "+14155550133", type: null },
  ],
  linkedin_url: null,
  enrichment_data: { seniority: "director" },
  last_synced_at: null,
  created_at: "2026-01-12T09:00:00Z",
  deleted_at: null,
};

const page = new PageUnderTest(({ method, path }) => {
  if (path === "/api/contacts/contact_0")
    return [404, { error: { code: "contact_not_found", message: "There is no such contact." } }];
  if (method === "DELETE") return [204, null];
  if (path.includes("search=zebra")) return [200, { items: [], next_cursor: null }];
  if (path.startsWith("/api/contacts?")) return [200, { items: [CONTACT], next_cursor: null }];
  return [method === "POST" ? 201 : 200, CONTACT];
});

const open = (id: string | null): Promise<void> =>
  page.show(<ContactsPage http={new Http("sk_1")} id={id} part={null} />);

it("lists contacts, and says which are not at the CRM yet", async () => {
  await open(null);
  expect(document.querySelector('a[href="#/contacts/contact_1"]')?.textContent).toBe("Ann Lee");
  expect(page.text).toContain("Close not yet");
});

it("finds them by what is typed", async () => {
  await open(null);
  await page.fill("Search", " zebra ");
  expect(page.text).toContain("No contact is like that.");
});

it("changes and empties fields, and deletes when the question is answered", async () => {
  await open("contact_1");
  expect(page.text).toContain("director");
  await page.fill("Title", " Head of Sales ");
  await page.fill("Company", "");
  await page.submit();
  await page.press("Delete");
  await page.press("Delete");
  expect(page.changes.map(({ method, body }) => [method, body])).toEqual([
    ["PATCH", { title: "Head of Sales", company: null }],
    ["DELETE", null],
  ]);
  expect(location.hash).toBe("#/contacts");
});

it("shows other addresses and numbers, puts one first, takes one off and adds one", async () => {
  await open("contact_1");
  expect(page.text).toContain("ann@home.example home");
  await page.press("Put first");
  await page.press("Take off");
  await page.fill("Another e-mail or phone", "ann@third.example");
  await page.press("Add it");
  expect(page.changes.map(({ body }) => body)).toEqual([
    { phone: "+14155550133" },
    { phones: [{ phone: "+14155550132", type: "office" }] },
    { emails: [...CONTACT.emails, { email: "ann@third.example", type: null }] },
  ]);
});

it("has no form for a contact that there is none of", async () => {
  await open("contact_0");
  expect(page.text).toContain("There is no such contact.");
  expect(document.querySelector("form")).toBeNull();
});

it("adds one and opens it", async () => {
  await open("new");
  await page.fill("E-mail", "ann@acme.com");
  await page.submit();
  expect(page.changes.map(({ body }) => body)).toEqual([{ email: "ann@acme.com" }]);
  expect(location.hash).toBe("#/contacts/contact_1");
});
