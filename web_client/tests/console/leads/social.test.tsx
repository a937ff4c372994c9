// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { LeadSocial } from "../../../src/console/api/types";
import { Social } from "../../../src/console/leads/social";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

const AT = "2026-11-20T09:00:00Z";
const NOTHING: LeadSocial = { accounts: [], posts: [], looked_at: null };
const POST = { network: "feed", author: "acme.example", text: "", published_at: AT, fetched_at: AT } as const;
const FOUND: LeadSocial = {
  accounts: [
    { network: "feed", handle: "acme.example", url: "https://acme.example/feed", state: "read", fetched_at: AT },
    { network: "x", handle: "acme", url: "https://x.com/acme", state: "login", fetched_at: AT },
  ],
  posts: [
    { ...POST, url: "https://acme.example/1", title: "Acme opens in Oslo" },
    { ...POST, url: "javascript:alert(1)", title: "Odd", published_at: null },
  ],
  looked_at: AT,
};

let root: Root;
let answers: Record<string, [number, unknown]>;

beforeEach(() => {
  answers = { GET: [200, NOTHING], POST: [200, FOUND] };
  vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
    const [status, body] = answers[init.method ?? "GET"] ?? [500, {}];
    return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  });
  document.body.innerHTML = "<main></main>";
  root = createRoot(document.querySelector("main") as Element);
});

afterEach(() => act(() => root.unmount()));

const page = (): string => document.body.textContent ?? "";
const open = () => act(async () => root.render(<Social http={new Http("key", () => {})} id="lead_1" />));
const look = () => act(async () => document.querySelector("button")?.click());

it("looks when asked to, and shows posts with their links and dates", async () => {
  await open();
  expect(page()).toContain("Nobody looked yet.");
  await look();
  expect(page()).toContain("Acme opens in Oslo");
  expect(page()).toContain("X (shows its posts to who signs in)");
  const links = [...document.querySelectorAll("a")].map((link) => link.getAttribute("href"));
  expect(links).toEqual(["https://acme.example/1", "https://acme.example/feed", "https://x.com/acme"]);
  expect(document.querySelectorAll("li time")).toHaveLength(1);
});

it("says why nothing can be looked at", async () => {
  answers.POST = [422, { error: { code: "no_website", message: "The lead has no website; add it first." } }];
  await open();
  await look();
  expect(page()).toContain("The lead has no website; add it first. no_website");
});
