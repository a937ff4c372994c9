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

const REPLY = {
  id: "item_1",
  type: "message",
  role: "assistant",
  generated_text: "Fifty.",
  synthesised_text: "Fifty.",
  sent_text: "Fifty.",
  heard_text: "Fifty.",
  created_at: CONVERSATION.created_at,
};
const TURN = {
  item_id: "item_1",
  created_at: CONVERSATION.created_at,
  response_latency_ms: 1500,
  speech_end_ms: 1000,
  transcript_ms: 1100,
  model_start_ms: 1100,
  first_token_ms: 2300,
  first_audio_ms: 2500,
  model: "cerebras/llama",
};

const page = new PageUnderTest(({ path }) => {
  const id = path.split("/").at(-1) as string;
  const ended = id === "conv_1" ? {} : { status: "closed", items: [REPLY], turns: [TURN] };
  return [200, { ...CONVERSATION, id, ...ended }];
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

it.each([null, "item_1"])(
  "says of each reply where its time went, at once of the one that is meant: %s",
  async (part) => {
    await page.show(<ConversationDetail http={new Http("sk_1")} id="conv_2" part={part} />);
    const told = "Model's first token 1.20 s, cerebras/llama · Voice's first audio 200 ms · Words settled 100 ms";
    if (!part) expect(page.text).not.toContain(told);
    if (!part) await page.press("after 1.50 s");
    expect(page.text).toContain(told);
    await page.press("after 1.50 s");
    expect(page.text).not.toContain(told);
  },
);
