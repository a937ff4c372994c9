// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { Http } from "../../../src/console/api/http";
import { AgentsPage } from "../../../src/console/pages/agents";
import { PageUnderTest } from "../page_under_test";

const REPLY = {
  thread_id: "thread_2",
  agent: "bdr",
  status: "interrupted",
  output: null,
  interrupts: [{ id: "q1", value: { question: "Shall I book Friday?", slots: [] } }],
  engine: "rules",
  latency_ms: 20,
  cost_usd: 0,
  steps: {},
};

const page = new PageUnderTest(({ path }) => {
  if (path === "/api/transfer") return [200, { from_agent: "conversation", lead_id: "lead_1", reply: REPLY }];
  return [200, { items: [], next_cursor: null }];
});

it("hands the conversation of the address to another agent, whose question is answered like any", async () => {
  await page.show(<AgentsPage http={new Http("sk_1")} id="handover" part="conv_1" />);
  await page.fill("What it is to know besides", "They prefer Fridays.");
  await page.submit(
    [...document.querySelectorAll("form")].findIndex((form) => form.textContent?.includes("Hand over")),
  );
  expect(page.changes).toEqual([
    {
      method: "POST",
      path: "/api/transfer",
      body: { to_agent: "bdr", conversation_id: "conv_1", note: "They prefer Fridays." },
    },
  ]);
  expect(page.text).toContain("Shall I book Friday?");
  expect(page.text).toContain("Conversation handed over to BDR, about this lead.");
});
