// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { Research, ResearchReport } from "../../../src/console/api/types";
import { ResearchPage } from "../../../src/console/pages/research";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

const source = { kind: "web" as const, text: "Ten dollars." };
const DONE: Research = {
  id: "r1",
  status: "completed",
  question: "What does it cost?",
  report: {
    summary: "It costs ten dollars.",
    claims: [{ text: "Ten dollars a month.", confidence: 0.6, sources: [1, 2] }],
    sources: [
      { ...source, id: 1, title: "Prices", url: "https://acme.example/prices" },
      { ...source, id: 2, title: "Trap", url: "javascript:alert(1)" },
    ],
    confidence: 0.6,
    not_found: ["Who decides"],
    not_searched: [{ source: "crm", code: "not_configured", message: "No CRM is connected." }],
    engine: "rules",
    latency_ms: 1240,
    cost_usd: 0.5,
  },
};
const EVENTS = 'event: node_started\ndata: {"node": "search"}\n\nevent: tool_started\ndata: {"name": "search_web"}\n\n';

let root: Root;
let found: Research;
let asked: [string, string, unknown][];

beforeEach(() => {
  location.hash = "";
  found = DONE;
  asked = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const method = init.method ?? "GET";
    if (method !== "GET") asked.push([method, path, init.body ? JSON.parse(String(init.body)) : null]);
    if (path.endsWith("/events")) return new Response(EVENTS);
    if (path.endsWith("/cancel")) found = { ...found, status: "cancelled" };
    const list = path.startsWith("/api/research?") ? { items: [], next_cursor: null } : found;
    return new Response(JSON.stringify(list));
  });
  document.body.innerHTML = "<main></main>";
  root = createRoot(document.querySelector("main") as Element);
});

afterEach(() => act(async () => root.unmount()));

const open = (id: string | null, part: string | null = null): Promise<void> =>
  act(async () => root.render(<ResearchPage http={new Http("sk_1")} id={id} part={part} />));

const text = (): string => document.body.textContent ?? "";

it("says how sure it is of what was found alone", async () => {
  await open("r1");
  expect(text()).toContain("Sure60 %");
  found = { ...DONE, id: "r2", report: { ...(DONE.report as ResearchReport), claims: [], confidence: 0 } };
  await open("r2");
  expect(text()).toContain("It costs ten dollars.");
  expect(text()).not.toContain("Sure");
});

it("says what to do where there is none, and asks about a lead without a question", async () => {
  await open("lead", "l1");
  expect(text()).toContain("Nothing yet.");
  await act(async () => {
    document.querySelector("form")?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  });
  expect(asked).toEqual([["POST", "/api/research", { lead_id: "l1" }]]);
  expect(location.hash).toBe("#/research/r1");
});

it("shows claims with their sources, of which pages alone are links, and what is missing", async () => {
  await open("r1");
  expect(text()).toContain("60 % sure · Prices (web)Trap (web)");
  const links = [...document.querySelectorAll(".source a")].map((link) => link.getAttribute("href"));
  expect(links).toEqual(["https://acme.example/prices"]);
  expect(text()).toContain("Who decides");
  expect(text()).toContain("No CRM is connected.");
  expect(text()).toContain("1.24 s");
});

it("is watched while it goes on, and cancelled", async () => {
  found = { ...DONE, status: "running", report: null };
  await open("r1");
  expect(text()).toContain("Searchsearch_web …");
  const cancel = [...document.querySelectorAll("button")].find((button) => button.textContent === "Cancel");
  await act(async () => cancel?.click());
  expect(asked[0]?.[1]).toBe("/api/research/r1/cancel");
  expect(text()).toContain("Cancelled");
});
