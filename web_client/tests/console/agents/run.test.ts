import { expect, it } from "vitest";
import { after, type RunState, run, start } from "../../../src/console/agents/run";
import { ApiError, type Http } from "../../../src/console/api/http";

const DONE = {
  thread_id: "t1",
  agent: "bdr",
  status: "interrupted",
  output: null,
  engine: "rules",
  latency_ms: 5,
  cost_usd: 0,
};

function streamed(text: string): Http {
  return { open: async () => new Response(text) } as unknown as Http;
}

async function watched(http: Http, before: RunState = start("bdr", null)): Promise<RunState | null> {
  let state: RunState | null = before;
  const asked = { agent: "bdr", input: {}, thread_id: undefined, resume: false } as const;
  await run(http, asked, (change) => (state = change(state)), new AbortController().signal);
  return state;
}

it("follows the steps of a run to its question", async () => {
  const events = [
    ["started", { thread_id: "t1" }],
    ["node_started", { node: "qualify" }],
    ["token", { node: "qualify", text: "Looks " }],
    ["token", { node: "qualify", text: "good" }],
    ["node_finished", { node: "qualify" }],
    ["node_started", { node: "confirm" }],
    ["interrupt", { id: "i1", value: { question: "When?" } }],
    ["done", { ...DONE, interrupts: [{ id: "i1", value: { question: "When?" } }] }],
  ] as const;
  const text = events.map(([kind, data]) => `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`).join("");
  const state = await watched(streamed(text));
  expect(state).toMatchObject({ running: false, threadId: "t1", status: "interrupted", error: null });
  expect(state?.steps).toEqual([
    { node: "qualify", done: true, failed: false, text: "Looks good" },
    { node: "confirm", done: false, failed: false, text: "" },
  ]);
  expect(state?.questions).toHaveLength(1);
});

it("says so when the stream ends early or the server refuses", async () => {
  expect((await watched(streamed("")))?.error?.code).toBe("stream_ended");
  const refusing = {
    open: async () => {
      throw new ApiError(409, "thread_busy", "The thread runs.");
    },
  } as unknown as Http;
  const state = await watched(refusing);
  expect(state?.running).toBe(false);
  expect(state?.error).toEqual({ code: "thread_busy", message: "The thread runs." });
});

it("goes on with the steps it has when a question is answered", () => {
  const before = after(start("bdr", null), { kind: "node_started", data: { node: "confirm" } });
  const resumed = start("bdr", { ...before, questions: [{ id: "i1", value: "?" }] });
  expect(resumed.steps).toHaveLength(1);
  expect(resumed.questions).toEqual([]);
});
