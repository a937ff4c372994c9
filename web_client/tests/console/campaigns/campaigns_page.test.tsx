// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { AgentProfile, Campaign, CampaignFigures, CampaignMessage } from "../../../src/console/api/types";
import { AS_DRAFTS, wayAsked } from "../../../src/console/campaigns/way_out";
import { CampaignsPage } from "../../../src/console/pages/campaigns";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

const NONE = {
  waiting: 0,
  drafted: 0,
  approved: 0,
  rejected: 0,
  skipped: 0,
  failed: 0,
  queued: 0,
  entered: 0,
  sent: 0,
};

const CAMPAIGN: Campaign = {
  id: "c1",
  name: "Spring",
  goal: "Invite them to a talk.",
  agent: null,
  written_by: { agent: "default", name: "Ava", company: "Initech" },
  audience: { industry: "bakery" },
  status: "paused",
  reason: "preview",
  budget_usd: 2,
  spent_usd: 0.5,
  send: false,
  sending: "off",
  held: null,
  per_hour: null,
  variants: 1,
  follow_up_days: [],
  messages: { ...NONE, waiting: 4, drafted: 2, skipped: 3 },
  approvable: 2,
  skipped: { no_email: 1, opted_out: 2 },
  failed: {},
  created_at: "2026-01-12T09:00:00Z",
};

const message = (lead_id: string, contact_name: string): CampaignMessage => ({
  lead_id,
  step: 0,
  contact_name,
  contact_email: `${lead_id}@example.com`,
  company_name: "Acme",
  status: "drafted",
  reason: null,
  subject: `For ${contact_name}`,
  body: "Shall we talk?",
  engine: "rules",
  cost_usd: 0,
});

let root: Root;
let campaign: Campaign | null;
let agents: Partial<AgentProfile>[];
let messages: CampaignMessage[];
let figures: CampaignFigures;
let refusal: { code: string; message: string } | null;
let asked: [string, string, unknown][];

function answer(method: string, path: string): [number, unknown] {
  if (refusal && method !== "GET") return [409, { error: refusal }];
  if (path === "/api/agent-profiles") return [200, { items: agents }];
  if (path === "/api/campaigns/audience") return [200, { messages: 7, skipped: { opted_out: 2 } }];
  if (path.endsWith("/figures")) return [200, figures];
  if (path.endsWith("/approve")) messages = [];
  if (path.endsWith("/export.csv")) return [200, "email"];
  if (method === "PATCH") {
    messages = messages.filter(({ lead_id }) => !path.endsWith(`/${lead_id}`));
    return [200, {}];
  }
  if (path.includes("/messages?")) return [200, { items: path.includes("drafted") ? messages : [], next_cursor: null }];
  if (path.startsWith("/api/campaigns?")) return [200, { items: campaign ? [campaign] : [], next_cursor: null }];
  return [method === "POST" ? 201 : 200, campaign];
}

beforeEach(() => {
  agents = [{ slug: "default", name: "Ava", is_default: true }];
  location.hash = "";
  campaign = CAMPAIGN;
  messages = [message("l1", "Ann"), message("l2", "Bob")];
  figures = { days: [], variants: [], winner: null };
  refusal = null;
  asked = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const method = init.method ?? "GET";
    if (method !== "GET") asked.push([method, path, init.body ? JSON.parse(String(init.body)) : null]);
    const [status, body] = answer(method, path);
    return new Response(JSON.stringify(body), { status });
  });
});

afterEach(async () => {
  vi.useRealTimers();
  await act(async () => root.unmount());
});

async function open(id: string | null): Promise<void> {
  const place = document.createElement("div");
  document.body.replaceChildren(place);
  root = createRoot(place);
  const http = new Http("sk_1");
  await act(async () => root.render(<CampaignsPage http={http} id={id} part={null} />));
}

const text = (): string => document.body.textContent ?? "";

function button(name: string): HTMLButtonElement {
  return [...document.querySelectorAll("button")].find((each) => each.textContent === name) as HTMLButtonElement;
}

async function press(name: string): Promise<void> {
  await act(async () => button(name).click());
}

async function type(label: string, value: string): Promise<void> {
  const named = [...document.querySelectorAll("label")].find((each) => each.textContent === label);
  const input = document.getElementById(named?.getAttribute("for") ?? "") as HTMLInputElement;
  const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), "value")?.set;
  await act(async () => {
    set?.call(input, value);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

async function choose(label: string, value: string): Promise<void> {
  const named = [...document.querySelectorAll("label")].find((each) => each.textContent === label);
  const select = document.getElementById(named?.getAttribute("for") ?? "") as HTMLSelectElement;
  await act(async () => {
    select.value = value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

it("says what to do where there is none, and else how far each is and what it cost", async () => {
  campaign = null;
  await open(null);
  expect(text()).toContain("No campaigns yet.");
  await act(async () => root.unmount());
  campaign = CAMPAIGN;
  await open(null);
  expect(text()).toContain("2 to read, 4 not written yet, 3 left out");
  expect(text()).toContain("$0.5000 of $2.00");
});

it("counts whom a campaign reaches before it is planned", async () => {
  vi.useFakeTimers();
  await open("new");
  await type("Name", "Spring");
  await type("What the messages are to bring about", "Invite them.");
  await type("Industry", "bakery");
  expect(button("Plan it").disabled).toBe(true);
  await act(async () => vi.advanceTimersByTimeAsync(400));
  expect(asked).toEqual([["POST", "/api/campaigns/audience", { audience: { industry: "bakery" }, max_leads: 500 }]]);
  expect(text()).toContain("7 leads would be written to");
  expect(text()).toContain("Left out: 2 opted out.");
  expect(button("Plan it").disabled).toBe(false);
  await act(async () => {
    document.querySelector("form")?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  });
  const body = {
    name: "Spring",
    goal: "Invite them.",
    audience: { industry: "bakery" },
    budget_usd: 1,
    max_leads: 500,
  };
  expect(asked[1]).toEqual(["POST", "/api/campaigns", body]);
  expect(location.hash).toBe("#/campaigns/c1");
});

it("reads messages one by one; what is decided on makes room for the next", async () => {
  await open("c1");
  expect(text()).toContain("The first messages are written.");
  expect(text()).toContain("Left out: 2 opted out · 1 without an e-mail address.");
  expect(text()).toContain("1 of 2");
  expect(text()).toContain("For Ann");
  button("Approve").focus();
  await press("Approve");
  expect(asked).toEqual([["PATCH", "/api/campaigns/c1/messages/l1", { status: "approved" }]]);
  expect(text()).toContain("For Bob");
  expect(document.activeElement).toBe(button("Approve"));
  await press("Reject");
  expect(asked[1]).toEqual(["PATCH", "/api/campaigns/c1/messages/l2", { status: "rejected" }]);
  expect(text()).toContain("Nothing to read.");
});

it("writes, pauses and cancels as its state allows, and asks before what cannot be undone", async () => {
  await open("c1");
  await press("Write 3 to look at");
  expect(asked[0]).toEqual(["POST", "/api/campaigns/c1/preview", { count: 3 }]);
  campaign = { ...CAMPAIGN, status: "generating", reason: null };
  await press("Write all 4");
  expect(button("Write all 4")).toBeUndefined();
  await press("Pause");
  await press("Give it up");
  expect(asked.map(([, path]) => path.split("/").at(-1))).toEqual(["preview", "start", "pause"]);
  campaign = { ...CAMPAIGN, status: "cancelled", reason: null };
  await press("Cancel the campaign");
  expect(asked[3]?.[1]).toBe("/api/campaigns/c1/cancel");
  expect(button("Pause")).toBeUndefined();
  await press("Approve all");
  expect(asked).toHaveLength(4);
  await press("Approve 2");
  expect(asked[4]?.[1]).toBe("/api/campaigns/c1/approve");
  expect(button("Approve")).toBeUndefined();
});

it("approves with all others what may be, and says why something is held back", async () => {
  campaign = { ...CAMPAIGN, approvable: 0 };
  messages = [{ ...message("l1", "Ann Lee"), reason: "in_touch" }];
  await open("c1");
  expect(button("Approve all")).toBeUndefined();
  expect(text()).toContain("Held back They answered another campaign lately");
  await press("Approve");
  expect(asked[0]).toEqual(["PATCH", "/api/campaigns/c1/messages/l1", { status: "approved" }]);
});

it("tells why something was refused", async () => {
  refusal = { code: "message_not_written", message: "The message is skipped: there is nothing to change." };
  await open("c1");
  await press("Approve");
  expect(document.querySelector('[role="alert"]')?.textContent).toContain(
    "there is nothing to change. message_not_written",
  );
});

it("goes out once somebody is sure, is held back, goes on and is stopped", async () => {
  campaign = { ...CAMPAIGN, status: "ready", reason: null, messages: { ...NONE, approved: 5 } };
  await open("c1");
  expect(text()).toContain("becomes drafts in the CRM, for a person to send");
  await press("Let it go out");
  expect(asked).toEqual([]);
  campaign = {
    ...campaign,
    sending: "on",
    follow_up_days: [3, 7],
    messages: { ...NONE, approved: 3, entered: 1, sent: 1 },
  };
  await press("Let 5 go out");
  expect(asked[0]?.[1]).toBe("/api/campaigns/c1/send");
  expect(text()).toContain("3 to go");
  expect(text()).toContain("Follow-ups after 3, 7 days.");
  campaign = { ...campaign, sending: "paused" };
  await press("Hold it back");
  campaign = { ...campaign, sending: "on" };
  await press("Go on");
  await press("Stop sending");
  campaign = { ...campaign, sending: "stopped" };
  await press("Stop it");
  expect(asked.map(([, path]) => path.slice("/api/campaigns/c1/".length))).toEqual([
    "send",
    "send/pause",
    "send",
    "send/stop",
  ]);
  expect(text()).toContain("Stopped");
  expect(button("Go on")).toBeUndefined();
});

it("says why it is held back though nobody did that, and what to do", async () => {
  const held = { code: "sender_refused", message: "Connect that address at Close; then let it go on." };
  campaign = { ...CAMPAIGN, status: "ready", sending: "paused", held, messages: { ...NONE, approved: 5 } };
  await open("c1");
  expect(document.querySelector('[role="alert"]')?.textContent).toBe(held.message);
  campaign = { ...campaign, sending: "on", held: null };
  await press("Go on");
  expect(document.querySelector('[role="alert"]')).toBeNull();
});

it("shows what came of it by day, and which subject won with how sure that is", async () => {
  const day = { day: "2026-03-01", sent: 40, replied: 9, unsubscribed: 1, bounced: 0, booked: 2 };
  const rate = { booked: 1, unsubscribed: 0, reply_rate_low: 0.11, reply_rate_high: 0.38 };
  figures = {
    days: [day, { ...day, day: "2026-03-03", sent: 2, replied: 0, booked: 0 }],
    variants: [
      { ...rate, variant: 0, subject: "A question", people: 21, replied: 2, reply_rate: 0.095 },
      { ...rate, variant: 1, subject: "An idea", people: 21, replied: 7, reply_rate: 0.333 },
    ],
    winner: null,
  };
  campaign = { ...CAMPAIGN, status: "ready", sending: "on", variants: 2, messages: { ...NONE, sent: 42 } };
  await open("c1");
  expect(text()).toContain("None is answered more than the others beyond chance, so far.");
  const plot = document.querySelector(".days [role=img]")?.getAttribute("aria-label") ?? "";
  expect(plot.split("; ")).toHaveLength(3);
  expect(plot).toContain("2026-03-01: 40 sent, 9 replied, 2 booked");
  expect(text()).toContain("33 % (7)");
  expect(document.querySelector(".interval")?.getAttribute("aria-label")).toBe("Between 11 % and 38 %");
  await act(async () => root.unmount());
  figures = { ...figures, winner: 1 };
  await open("c1");
  expect(text()).toContain("B is answered more than the others, beyond chance.");
});

it("plans who sends it, what follows, and how many subjects are tried", () => {
  expect(wayAsked(AS_DRAFTS)).toEqual({});
  expect(wayAsked({ send: true, followUps: "3, 7", variants: "2" })).toEqual({
    send: true,
    follow_up_days: [3, 7],
    variants: 2,
  });
});

it("approves a follow-up, not the first message", async () => {
  messages = [{ ...message("l1", "Ann"), step: 1 }];
  await open("c1");
  expect(text()).toContain("follow-up 1");
  await press("Approve");
  expect(asked).toEqual([["PATCH", "/api/campaigns/c1/messages/l1?step=1", { status: "approved" }]]);
});

it("is written in the name of one of several agents, and says when that one was deleted", async () => {
  vi.useFakeTimers();
  agents = [...agents, { slug: "bikes", name: "Zoë", is_default: false }];
  await open("new");
  await type("Name", "Spring");
  await type("What the messages are to bring about", "Invite them.");
  await choose("In whose name", "bikes");
  await act(async () => vi.advanceTimersByTimeAsync(400));
  await act(async () => {
    document.querySelector("form")?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  });
  expect(asked[1]?.[2]).toMatchObject({ name: "Spring", agent: "bikes" });
  vi.useRealTimers();
  await act(async () => root.unmount());
  campaign = { ...CAMPAIGN, agent: "bikes", written_by: { agent: "bikes", name: "Zoë", company: "Bol Bikes" } };
  await open("c1");
  expect(text()).toContain("In the name of Zoë, Bol Bikes.");
  expect(text()).not.toContain("was deleted");
  await act(async () => root.unmount());
  campaign = { ...campaign, written_by: CAMPAIGN.written_by };
  await open("c1");
  expect(text()).toContain(
    "The agent “bikes” was deleted: what was not written by then is in the name of the default one.",
  );
});
