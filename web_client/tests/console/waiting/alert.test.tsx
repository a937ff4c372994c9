// @vitest-environment happy-dom
import { act } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Http } from "../../../src/console/api/http";
import { WaitingAlert } from "../../../src/console/waiting/alert";
import { PageUnderTest } from "../page_under_test";

const ADA = {
  id: "conv_1",
  channel: "widget",
  since: new Date().toISOString(),
  reason: "A person, please.",
  name: "Ada",
  company: "Acme",
};
const NOBODY = { ...ADA, id: "conv_2", name: null, company: null };

let answer: [number, unknown];
let asked = 0;
const page = new PageUnderTest(() => {
  asked += 1;
  return answer;
});
const http = new Http("sk_1");
const onCount = vi.fn();
const show = (): Promise<void> => page.show(<WaitingAlert http={http} onCount={onCount} />);
const later = (ms: number): Promise<unknown> => act(() => vi.advanceTimersByTimeAsync(ms));

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  asked = 0;
  onCount.mockClear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.stubGlobal("Notification", undefined);
});

it("tells who waits, leads there, and goes when nobody waits any more", async () => {
  answer = [200, { items: [ADA, NOBODY] }];
  await show();
  expect(page.text).toContain("Ada of Acme wants a person.");
  expect(page.text).toContain("Somebody wants a person.");
  // Announced, and a list all the same.
  expect(document.querySelector('[role="alert"] ul:not([role])')?.children).toHaveLength(2);
  expect(document.querySelector("a")?.getAttribute("href")).toBe("#/conversations/conv_1");
  expect(onCount).toHaveBeenLastCalledWith(2);
  answer = [200, { items: [] }];
  await later(6_000);
  expect(page.text).toBe("");
  expect(onCount).toHaveBeenLastCalledWith(0);
});

it("asks on while the server fails, and no more with a key that may not", async () => {
  answer = [503, { error: { code: "database_unavailable", message: "Not now." } }];
  await show();
  await later(11_000);
  expect(asked).toBe(2);
  answer = [403, { error: { code: "insufficient_permissions", message: "No." } }];
  await later(60_000);
  const before = asked;
  await later(120_000);
  expect(asked).toBe(before);
  expect(page.text).toBe("");
});

it("tells each once on the computer, where it may", async () => {
  const told: string[] = [];
  class Shown {
    static permission = "default";
    static requestPermission = async (): Promise<string> => {
      Shown.permission = "granted";
      return "granted";
    };
    onclick: (() => void) | null = null;
    constructor(text: string) {
      told.push(text);
    }
    close(): void {}
  }
  vi.stubGlobal("Notification", Shown);
  answer = [200, { items: [ADA] }];
  await show();
  await act(async () => page.button("Tell me on this computer next time")?.click());
  expect(page.button("Tell me on this computer next time")).toBeUndefined();
  answer = [200, { items: [ADA, NOBODY] }];
  await later(6_000);
  await later(6_000);
  expect(told).toEqual(["Somebody wants a person"]);
});

it("takes little room where there is little, and outlives a browser that cannot tell it on the computer", async () => {
  class Refusing {
    static permission = "granted";
    constructor() {
      throw new TypeError("Illegal constructor");
    }
  }
  vi.stubGlobal("Notification", Refusing);
  vi.stubGlobal("matchMedia", () => ({ matches: true, addEventListener: () => {}, removeEventListener: () => {} }));
  answer = [200, { items: [ADA, NOBODY] }];
  await show();
  expect(page.text).toContain("Ada of Acme wants a person.");
  expect(page.text).not.toContain("Somebody wants");
  expect(page.text).toContain("And 1 more.");
});
