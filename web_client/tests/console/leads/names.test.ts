import { expect, it } from "vitest";
import { leadBesides, leadName } from "../../../src/console/leads/names";

const NOBODY = { company_name: null, contact_name: null, contact_email: null, contact_phone: null, need: null };

it.each([
  [{ company_name: "Acme", contact_name: "Ann Lee" }, "Acme"],
  [{ contact_name: "Ann Lee" }, "Ann Lee"],
  [{ contact_email: "ann@acme.com", need: "Fewer missed calls" }, "ann@acme.com"],
  [{ contact_phone: "+14155550132" }, "+14155550132"],
  [{ need: "Fewer missed calls" }, "“Fewer missed calls”"],
  [{}, "Unnamed"],
])("a lead of whom %o is known is called %s", (known, told) => {
  expect(leadName({ ...NOBODY, ...known })).toBe(told);
});

it.each([
  [{ company_name: "Acme", contact_name: "Ann Lee", contact_email: "ann@acme.com" }, "Ann Lee · Owner · ann@acme.com"],
  [{ contact_name: "Ann Lee", contact_email: "ann@acme.com" }, "Owner · ann@acme.com"],
  [{ contact_email: "ann@acme.com" }, "Owner"],
])("what a lead is besides its name does not say it once more: %o", (known, told) => {
  expect(leadBesides({ ...NOBODY, contact_title: "Owner", ...known })).toBe(told);
});
