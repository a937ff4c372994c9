// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { RunsCard } from "../../../src/console/agents/runs";
import { Http } from "../../../src/console/api/http";
import { PageUnderTest } from "../page_under_test";

const RUN = {
  agent_type: "qualification",
  thread_id: null,
  lead_id: null,
  conversation_id: null,
  status: "success",
  engine: "rules",
  started_at: "2026-01-12T09:00:00Z",
  latency_ms: 2,
  cost_usd: 0,
  error_code: null,
};
const RUNS = [
  { ...RUN, id: "exec_1", lead_id: "lead_1", conversation_id: "conv_1" },
  { ...RUN, id: "exec_2", conversation_id: "conv_2" },
  { ...RUN, id: "exec_3" },
];

const page = new PageUnderTest(() => [200, { items: RUNS, next_cursor: null }]);

it("a run leads to whom it was about, else to where it was asked", async () => {
  await page.show(<RunsCard http={new Http("sk_1")} onOpen={() => {}} />);
  const cells = [...document.querySelectorAll('td[data-head="About"]')];
  const links = cells.map((cell) => cell.querySelector("a")?.getAttribute("href"));
  expect(links).toEqual(["#/leads/lead_1", "#/conversations/conv_2", undefined]);
});
