// @vitest-environment happy-dom
import { act } from "react";
import { expect, it, vi } from "vitest";
import { Http } from "../../../src/console/api/http";
import { RefinePage } from "../../../src/console/pages/refine";
import { after, BEGUN, broken } from "../../../src/console/refine/run";
import { PageUnderTest } from "../page_under_test";

const ROUND = {
  number: 1,
  score_before: 4,
  problems: [{ code: "wordy", message: "Shorter words say the same." }],
  changes: ["Plainer."],
  engine: "rules",
  text: "We help.",
};
const OUTPUT = { text: "We help.", content: true, score: 9, problems: [], rounds: [{ ...ROUND, dropped: false }] };
const DONE = { thread_id: "t", status: "completed", output: OUTPUT, engine: "rules", latency_ms: 900, cost_usd: 0 };

const page = new PageUnderTest(() => [200, {}]);

it("shows each round as it comes, and the text at the end", async () => {
  await page.show(<RefinePage http={new Http("sk_1")} id={null} part={null} />);
  let tell = (_text: string): void => {};
  const asked: unknown[] = [];
  vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
    asked.push(JSON.parse(String(init.body)));
    const body = new ReadableStream({
      start(controller) {
        tell = (text) => controller.enqueue(new TextEncoder().encode(text));
      },
    });
    return new Response(body);
  });
  await page.fill("Text", "We utilize tools to help.");
  await page.submit();
  expect(asked).toEqual([
    {
      agent: "refine",
      input: { text: "We utilize tools to help.", max_rounds: 3 },
      cancel_on_disconnect: true,
    },
  ]);
  const event = (kind: string, data: unknown): Promise<void> =>
    act(async () => {
      tell(`event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
      await new Promise((soon) => setTimeout(soon));
    });
  await event("node_started", { node: "critique" });
  expect(page.text).toContain("The critic reads…");
  await event("round", ROUND);
  expect(page.text).toContain("Round 1 from 4 of 10, by rules");
  expect(page.text).toContain("Shorter words say the same.");
  expect(page.text).not.toContain("9 of 10");
  await event("done", DONE);
  expect(page.text).toContain("9 of 10");
  expect(page.text).toContain("content");
  await page.press("Go on from the better text");
  expect(document.querySelector("textarea")?.value).toBe("We help.");
});

it("says why nothing came out, and only while it goes on", () => {
  expect(broken(BEGUN, "stopped", "Stopped.").error).toEqual({ code: "stopped", message: "Stopped." });
  const done = after(BEGUN, { kind: "done", data: DONE });
  expect(broken(done, "stream_ended", "Early.")).toBe(done);
});
