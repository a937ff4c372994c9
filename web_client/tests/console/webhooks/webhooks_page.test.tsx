// @vitest-environment happy-dom
import { act } from "react";
import { beforeEach, expect, it } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { Delivery, Webhook } from "../../../src/console/api/types";
import { WebhooksPage } from "../../../src/console/pages/webhooks";
import { lastHours } from "../../../src/console/webhooks/hours";
import { PageUnderTest } from "../page_under_test";

const WEBHOOK: Webhook = {
  id: "whe_1",
  url: "https://example.com/hooks",
  description: "Our CRM",
  events: ["meeting.booked"],
  include_words: false,
  enabled: true,
  disabled_reason: null,
  failing_since: null,
  waiting: 0,
  hours: [],
  old_secret_until: null,
  created_at: "2026-01-12T09:00:00Z",
};

const DELIVERY: Delivery = {
  id: "whd_1",
  event_id: "msg_1",
  type: "meeting.booked",
  occurred_at: "2026-01-12T09:00:00Z",
  status: "given_up",
  attempts: 10,
  next_at: null,
  tried_at: "2026-01-15T09:00:00Z",
  answer_status: 500,
  answer: "Out of order",
  error: null,
  latency_ms: 420,
  body: { type: "meeting.booked", data: { booking_id: "bkg_1" } },
};

const KINDS = [
  { type: "meeting.booked", meaning: "A meeting is booked.", example: {} },
  { type: "webhook.test", meaning: "A test.", example: {} },
];

let webhook: Webhook;
let tested: Delivery;

const page = new PageUnderTest(({ method, path }) => {
  const place = path.replace(/\?.*/, "");
  if (method === "DELETE") return [204, null];
  if (place === "/api/webhooks/events") return [200, { items: KINDS }];
  if (place === "/api/webhooks")
    return method === "POST" ? [201, { ...webhook, secret: "whsec_a" }] : [200, { items: [webhook] }];
  if (place.endsWith("/test")) return [200, tested];
  if (place.endsWith("/rotate-secret")) return [200, { secret: "whsec_b", old_secret_until: "2999-01-01T00:00:00Z" }];
  if (place.endsWith("/deliveries")) return [200, { items: [DELIVERY], next_cursor: null }];
  if (place.endsWith("/deliveries/whd_1")) return [200, DELIVERY];
  if (place.endsWith("/deliveries/whd_1/redeliver")) return [202, DELIVERY];
  if (place.endsWith("/redeliver")) return [200, { deliveries: 3 }];
  return [200, webhook];
});

beforeEach(() => {
  webhook = WEBHOOK;
  tested = { ...DELIVERY, type: "webhook.test", status: "delivered", answer_status: 204, answer: null, attempts: 1 };
});

const open = (id: string | null = null): Promise<void> =>
  page.show(<WebhooksPage http={new Http("sk_1")} id={id} part={null} />);

const check = (name: string): Promise<void> =>
  act(async () => {
    const label = [...document.querySelectorAll("label")].find(({ textContent }) => textContent?.startsWith(name));
    label?.querySelector("input")?.click();
  });

it("adds a webhook for the events that are chosen, and shows its secret until it was taken", async () => {
  await open();
  expect(page.text).toContain("Hears of meeting.booked");
  expect(page.text).not.toContain("webhook.test");
  await page.fill("Where events go", " https://example.com/new ");
  expect(page.button("Add it")?.disabled).toBe(true);
  await check("meeting.booked");
  await check("What people said");
  await page.submit();
  const { path, body } = page.changes[0] ?? {};
  expect([path, body]).toEqual([
    "/api/webhooks",
    { url: "https://example.com/new", description: "", events: ["meeting.booked"], include_words: true },
  ]);
  expect(page.text).toContain("whsec_a");
  await page.press("I have it");
  expect(page.text).not.toContain("whsec_a");
});

it("takes everything for every event, also later ones", async () => {
  await open();
  await page.fill("Where events go", "https://example.com/new");
  await check("Everything");
  await page.submit();
  expect(page.changes[0]?.body).toMatchObject({ events: ["*"] });
});

it("shows at once what came of a test", async () => {
  await open("whe_1");
  await page.press("Send a test");
  expect(page.text).toContain("Answered 204 after 420 ms");
  tested = { ...tested, status: "given_up", answer_status: null, error: "tls_failed" };
  await page.press("Send a test");
  expect(page.text).toContain("No secure connection: look at its certificate");
});

it("says why the server has disabled it, and switches it on", async () => {
  webhook = { ...WEBHOOK, enabled: false, disabled_reason: "failing", waiting: 1000 };
  await open("whe_1");
  expect(page.text).toContain("Nothing arrived there for five days.");
  expect(page.text).toContain("1,000 or more deliveries wait, and go out when it is switched on.");
  await page.press("Switch on");
  expect(page.changes.map(({ method, body }) => [method, body])).toEqual([["PATCH", { enabled: true }]]);
});

it("makes a new secret when the question is answered", async () => {
  await open("whe_1");
  await page.press("New secret");
  expect(page.changes).toEqual([]);
  await page.press("Make a new one");
  expect(page.text).toContain("whsec_b");
});

it("shows what was sent and answered, and sends it again", async () => {
  await open("whe_1");
  expect(page.text).toContain("Answered 500 10 attempts");
  await page.press("Look");
  expect(page.text).toContain("Out of order");
  expect(page.text).toContain('"booking_id": "bkg_1"');
  await page.press("Send it again");
  await page.press("Close");
  await page.fill("What came of it", "given_up");
  await page.press("Send all of these again");
  expect(page.text).toContain("3 are sent again.");
  expect(page.changes.map(({ path }) => path)).toEqual([
    "/api/webhooks/whe_1/deliveries/whd_1/redeliver",
    "/api/webhooks/whe_1/redeliver",
  ]);
});

it("has a bar for each of the last 24 hours", () => {
  const now = Date.parse("2026-01-12T09:30:00Z");
  const hours = lastHours([{ hour: "2026-01-12T08:00:00Z", delivered: 2, failed: 1 }], now);
  expect(hours.length).toBe(24);
  expect(hours.at(-1)).toEqual({ hour: "2026-01-12T09:00:00.000Z", delivered: 0, failed: 0 });
  expect(hours.at(-2)?.delivered).toBe(2);
});
