// @vitest-environment happy-dom
import { act, type ReactElement } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { PhoneCall, Suppression } from "../../../src/console/api/types";
import { CallsCard, useLeadCalls } from "../../../src/console/leads/calls";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

const MESSAGE = "This number, or the person, is on the do-not-call list.";
const CALL: PhoneCall = {
  id: "call_1",
  to: "+14155550132",
  lead_id: "lead_1",
  status: "refused",
  code: "do_not_call",
  message: MESSAGE,
  retry_at: null,
  purpose: null,
  conversation_id: null,
  created_at: "2026-01-12T09:00:00Z",
  answered_at: null,
  ended_at: null,
};

const HTTP = new Http("sk_1");

function Calls(): ReactElement {
  return (
    <CallsCard
      http={HTTP}
      name="Ann Lee"
      number={CALL.to}
      optedOutAt={optedOutAt}
      calls={useLeadCalls(HTTP, "lead_1")}
      hasButton
    />
  );
}

let root: Root;
let calls: PhoneCall[];
let refuses: boolean;
let check: Suppression;
let optedOutAt: string | null;
let asked: [string, string][];

function answer(method: string, path: string): [number, unknown] {
  if (path.startsWith("/api/do-not-call/check")) return [200, check];
  if (method === "GET") return [200, { items: calls, next_cursor: null }];
  asked.push([method, path]);
  if (path.endsWith("/cancel")) calls = [{ ...CALL, status: "canceled", message: null }];
  else calls = [refuses ? CALL : { ...CALL, status: "ringing", message: null }];
  if (refuses) return [403, { error: { code: "do_not_call", message: MESSAGE } }];
  return [201, calls[0]];
}

beforeEach(() => {
  calls = [];
  asked = [];
  check = {
    number: CALL.to,
    suppressed: false,
    unwanted: false,
    entry: null,
    consent: null,
    enough: ["express_written"],
  };
  optedOutAt = null;
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const [status, body] = answer(init.method ?? "GET", path);
    return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  });
  document.body.innerHTML = "<main></main>";
  root = createRoot(document.querySelector("main") as Element);
});

afterEach(() => act(() => root.unmount()));

async function press(name: string): Promise<void> {
  const buttons = [...document.querySelectorAll("button")];
  const button = buttons.find((each) => each.textContent === name);
  await act(async () => button?.click());
}

const page = (): string => document.body.textContent ?? "";

it.each([
  [true, "Not permitted", `${MESSAGE} See the entry`],
  [false, "Ringing", "Hang up"],
])("a call is asked for twice over, and told how it went (refused: %s)", async (refused, status, told) => {
  refuses = refused;
  await act(async () => root.render(<Calls />));
  await press("Call");
  expect(asked).toEqual([]);
  await press("Call");
  expect(asked).toEqual([["POST", "/api/calls"]]);
  expect(page()).toContain(status);
  expect(page()).toContain(told);
  if (!refused) {
    await press("Hang up");
    expect(asked[1]).toEqual(["POST", "/api/calls/call_1/cancel"]);
    expect(page()).toContain("Called off");
  }
});

it("says since when somebody is not to be called, where they said so, and what they had agreed to", async () => {
  const at = "2026-01-11T10:30:00Z";
  const by = { lead_id: "lead_1", recorded_by: null };
  optedOutAt = at;
  check = {
    ...check,
    suppressed: true,
    unwanted: true,
    entry: {
      number: CALL.to,
      reason: "The lead opted out.",
      source: "opt_out",
      ...by,
      conversation_id: "conv_1",
      created_at: at,
    },
    consent: {
      number: CALL.to,
      kind: "express_written",
      source: "Web form.",
      given_at: "2026-01-02T08:00:00Z",
      valid_until: null,
      updated_at: at,
      ...by,
    },
  };
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await act(async () => root.render(<Calls />));
  await act(() => vi.advanceTimersByTimeAsync(1000));
  vi.useRealTimers();
  expect(page()).toMatch(/Opted out on Jan 11, 2026, /);
  expect(page()).not.toContain("The lead opted out.");
  expect(page()).toMatch(/Had agreed in writing on Jan 2, 2026, .* Web form\./);
  expect(document.querySelector('a[href="#/conversations/conv_1"]')?.textContent).toBe("What was said");
});
