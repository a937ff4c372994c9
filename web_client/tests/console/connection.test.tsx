// @vitest-environment happy-dom
import { act } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { App } from "../../src/console/app";
import { Connection, connection } from "../../src/console/connection";
import { operatorKey } from "../../src/console/operator_key";
import { PageUnderTest } from "./page_under_test";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const later = (ms: number): Promise<void> => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));

it("is lost when a second question has no answer either, and tries ever more slowly until there is one", async () => {
  const answers = [false, false, false, true];
  const probe = vi.fn(async () => answers.shift() ?? true);
  const told: boolean[] = [];
  const one = new Connection(probe);
  one.subscribe(() => told.push(one.isLost()));
  one.unheard();
  one.unheard();
  await later(0);
  expect([probe.mock.calls.length, told]).toEqual([1, [true]]);
  await later(2_000);
  await later(3_999);
  expect(probe).toHaveBeenCalledTimes(2);
  await later(1);
  one.tryNow();
  await later(0);
  expect([probe.mock.calls.length, told]).toEqual([4, [true, false]]);
  await later(60_000);
  expect(probe).toHaveBeenCalledTimes(4);
});

it("is not lost where one question alone has no answer", async () => {
  const one = new Connection(async () => true);
  one.unheard();
  await later(0);
  expect(one.isLost()).toBe(false);
});

let leads: [number, unknown] | null;
let away = false;
const LEADS = { items: [], next_cursor: null };
const page = new PageUnderTest(({ path }) => {
  if (away) throw new TypeError("Failed to fetch");
  if (path.startsWith("/api/leads")) return leads ?? [200, LEADS];
  return [200, { items: [] }];
});

const open = async (): Promise<void> => {
  operatorKey.set("sk_1");
  location.hash = "#/leads";
  away = false;
  await page.show(<App />);
};

it("says once for all that the server is away, keeps what was shown, and goes on by itself when it is back", async () => {
  leads = null;
  await open();
  expect(page.text).toContain("No leads yet.");
  away = true;
  await later(6_000);
  expect(document.querySelectorAll("[role=alert]")).toHaveLength(1);
  expect(page.text).toContain("The server does not answer.");
  expect(page.text).toContain("No leads yet.");
  leads = [200, { items: [], next_cursor: null }];
  away = false;
  await later(20_000);
  expect(connection.isLost()).toBe(false);
  expect(document.querySelectorAll("[role=alert]")).toHaveLength(0);
});

it("says of one question that fails that it is asked again, and asks at once where somebody wants it", async () => {
  leads = [500, { error: { code: "database_unavailable", message: "The database does not answer." } }];
  await open();
  expect(page.text).toContain("This could not be brought up to date: The database does not answer.");
  expect(page.text).toContain("tries again by itself");
  expect(page.text).not.toContain("What is shown may be old.");
  leads = null;
  await page.press("Try now");
  expect(page.text).toContain("No leads yet.");
  expect(page.button("Try now")).toBeUndefined();
});

it("does not ask again what is refused for good", async () => {
  leads = [400, { error: { code: "invalid_value", message: "No." } }];
  await open();
  expect(page.text).toContain("No. invalid_value");
  expect(page.button("Try now")).toBeUndefined();
});
