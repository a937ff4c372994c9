import { expect, it } from "vitest";
import type { ListedConversation } from "../../../src/console/api/types";
import { callerOf, cameBy, endingOf } from "../../../src/console/conversations/identity";

const NOBODY: ListedConversation = {
  id: "conv_1",
  channel: "phone",
  status: "closed",
  lead_id: null,
  agent: null,
  created_at: "2026-01-12T09:00:00Z",
  ended_at: "2026-01-12T09:02:00Z",
  company_name: null,
  contact_name: null,
  metadata: {},
  first_words: null,
  turns: 0,
  outcomes: [],
};

it.each([
  [{ contact_name: "Ann Lee", company_name: "Acme", first_words: "Hi" }, "Ann Lee, Acme"],
  [{ company_name: "Acme" }, "Acme"],
  [{ first_words: "How much is it?" }, "“How much is it?”"],
  [{ status: "open" as const }, "Has not spoken yet"],
  [{}, "Did not speak"],
])("%o is told as %s", (known, told) => {
  expect(callerOf({ ...NOBODY, ...known }).text).toBe(told);
});

it.each([
  [{ calls_from: "+14155550132" }, "Phone +14155550132"],
  [{ calls_from: "anonymous" }, "Phone"],
  [{ calls_from: 7 }, "Phone"],
  [{ direction: "outbound", calls_from: "+14155550100", calls_to: "+14155550132" }, "Phone +14155550132"],
  [{}, "Phone"],
])("a call with %o came by %s", (metadata, told) => {
  expect(cameBy({ ...NOBODY, metadata })).toBe(told);
});

it.each([
  [{ status: "open" as const, outcomes: ["meeting" as const] }, "Live"],
  [{ outcomes: ["lead_update" as const, "meeting" as const] }, "Meeting"],
  [{ outcomes: ["meeting" as const, "opt_out" as const] }, "Do not call"],
  [{ status: "dropped" as const }, "Line dropped"],
  [{ status: "failed" as const }, "Broke off"],
  [{}, undefined],
])("%o ended with %s", (known, told) => {
  expect(endingOf({ ...NOBODY, ...known })?.text).toBe(told);
});
