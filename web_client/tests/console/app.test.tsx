// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { App } from "../../src/console/app";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

const CONVERSATION = {
  id: "conv_1",
  channel: "phone",
  status: "closed",
  created_at: "2026-01-12T09:00:00Z",
  ended_at: "2026-01-12T09:02:05Z",
  lead_id: null,
  company_name: null,
  metadata: {},
  contact_name: "Ann Lee",
  first_words: null,
  turns: 3,
  outcomes: ["meeting"],
};
const MESSAGE = { type: "message", generated_text: "", synthesised_text: "", sent_text: "", intent: null };
const DETAIL = {
  ...CONVERSATION,
  recordings: [],
  acts: [],
  outcomes: [{ kind: "meeting", data: { start: "Friday at ten" }, created_at: "2026-01-12T09:01:00Z" }],
  items: [
    { ...MESSAGE, id: "u1", role: "user", heard_text: "How much?" },
    { id: "f1", type: "function_call", role: null, name: "search_crm", arguments: '{"query":"Acme"}' },
    {
      ...MESSAGE,
      id: "a1",
      role: "assistant",
      generated_text: "Ten dollars a seat",
      sent_text: "Ten dollars",
      heard_text: "Ten",
    },
  ],
  turns: [
    {
      item_id: "a1",
      response_latency_ms: 310,
      speech_end_ms: 1000,
      transcript_ms: 1100,
      model_start_ms: 1100,
      first_token_ms: 1250,
      first_audio_ms: 1310,
    },
  ],
};

let root: Root;
let asked: [string, string | null][];

function answer(path: string, key: string | null): [number, unknown] {
  if (path === "/api/health") {
    const components = { database: { status: "down", detail: "no_answer" } };
    const conversations = { active: 3, limit: 100 };
    return [503, { status: "unavailable", version: "1.2.3", uptime_s: 90, draining: false, conversations, components }];
  }
  if (key !== "Bearer sk_1") return [401, { error: { code: "invalid_api_key", message: "That key is not known." } }];
  if (path.startsWith("/api/conversations?")) return [200, { items: [CONVERSATION], next_cursor: null }];
  if (path === "/api/langgraph/waiting") return [200, { items: [] }];
  if (path.startsWith("/api/campaigns?")) return [200, { items: [], next_cursor: null }];
  if (path === "/api/supervision/waiting") return [200, { items: [] }];
  if (path.startsWith("/api/agent-profiles")) return [200, { items: [], next_cursor: null }];
  if (path === "/api/setup") return [200, { url: "", items: [] }];
  if (path === "/api/sync/status") return [200, { platforms: [] }];
  return [200, DETAIL];
}

beforeEach(async () => {
  sessionStorage.clear();
  location.hash = "";
  asked = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const key = new Headers(init.headers).get("authorization");
    asked.push([path, key]);
    const [status, body] = answer(path, key);
    return new Response(JSON.stringify(body), { status });
  });
  const place = document.createElement("div");
  document.body.replaceChildren(place);
  root = createRoot(place);
  await act(async () => root.render(<App />));
});

afterEach(() => act(async () => root.unmount()));

const shown = (): string => document.body.textContent ?? "";

async function enterKey(key: string): Promise<void> {
  const input = document.querySelector("input") as HTMLInputElement;
  await act(async () => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(input, key);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await act(async () => {
    document.querySelector("form")?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  });
}

it("shows the server's health without a key, also when it is not ready", () => {
  expect(shown()).toContain("Takes no conversations");
  expect(shown()).toContain("3 of 100 conversations");
  expect(shown()).toContain("Does not answer");
  expect(shown()).toContain("See that it runs");
});

it("asks for a key, says when it is wrong, and keeps the right one for the tab", async () => {
  expect(shown()).toContain("Enter an API key");
  expect(document.querySelector('[role="alert"]')).toBeNull();
  await enterKey("sk_wrong");
  expect(shown()).toContain("That key is not known.");
  expect(sessionStorage.getItem("sales-agent-operator-key")).toBeNull();
  await enterKey("sk_1");
  expect(shown()).toContain("Ann Lee");
  expect(shown()).toContain("Phone · 3 turns · 2:05");
  expect(shown()).toContain("Nothing waits.");
  expect(sessionStorage.getItem("sales-agent-operator-key")).toBe("sk_1");
});

it("drills down into what was said and what was heard", async () => {
  await enterKey("sk_1");
  await act(async () => {
    location.hash = "#/conversations/conv_1";
    window.dispatchEvent(new Event("hashchange"));
  });
  expect(asked.some(([path]) => path === "/api/conversations/conv_1")).toBe(true);
  const pieces = [...document.querySelectorAll(".items .piece")].map((piece) => piece.getAttribute("data-reach"));
  expect(pieces).toEqual(["heard", "sent", "generated"]);
  expect(shown()).toContain('Tool: search crm{\n "query": "Acme"\n}');
  expect(shown()).toContain("Meeting booked");
  const turn = document.querySelector(".stages li button");
  expect(turn?.getAttribute("aria-label")).toContain(
    "Turn 1: Words settled 0 to 100 ms, Model's first token 100 to 250 ms",
  );
  expect(document.querySelector(".latency")?.textContent).toContain("Response latency 310 ms");
});
