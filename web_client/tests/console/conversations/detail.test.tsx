// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { Conversation } from "../../../src/console/api/types";
import { ConversationDetail } from "../../../src/console/conversations/detail";
import { PageUnderTest } from "../page_under_test";

const CONVERSATION: Conversation = {
  id: "conv_1",
  channel: "phone",
  status: "open",
  lead_id: null,
  agent: null,
  created_at: "2026-01-12T09:00:00Z",
  ended_at: null,
  company_name: null,
  contact_name: null,
  metadata: {},
  items: [],
  turns: [],
  outcomes: [],
  recordings: [],
  acts: [],
};

const page = new PageUnderTest(({ path }) => {
  const id = path.split("/").at(-1) as string;
  return [200, { ...CONVERSATION, id, status: id === "conv_1" ? "open" : "closed" }];
});

const handover = (): Element | null => document.querySelector('a[href^="#/agents/handover/"]');

it("leads from a conversation under way to handing it over, and from no other", async () => {
  const http = new Http("sk_1");
  await page.show(<ConversationDetail key="1" http={http} id="conv_1" part={null} />);
  expect(handover()?.getAttribute("href")).toBe("#/agents/handover/conv_1");
  await page.show(<ConversationDetail key="2" http={http} id="conv_2" part={null} />);
  expect(page.text).toContain("Ended");
  expect(handover()).toBeNull();
});
