// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { Setup, SetupStep } from "../../../src/console/api/types";
import { SetupCard } from "../../../src/console/setup/card";
import { PageUnderTest } from "../page_under_test";

const step = (name: SetupStep["name"], about: Partial<SetupStep> = {}): SetupStep => ({
  name,
  done: false,
  missing: [],
  ways: [],
  using: null,
  ...about,
});

let setup: Setup;

const page = new PageUnderTest(({ method, path }) => {
  if (method === "PUT") {
    setup = { ...setup, items: setup.items.map((one) => ({ ...one, done: true })) };
    return [200, { platform: "close", source: "stored", account: "Acme" }];
  }
  return path === "/api/setup" ? [200, setup] : [404, {}];
});

beforeEach(() => {
  localStorage.clear();
  setup = {
    url: "https://agent.example.com",
    items: [
      step("knowledge", { done: true }),
      step("voice", { missing: ["CARTESIA_API_KEY"], using: "espeak" }),
      step("widget", { missing: ["ALLOWED_ORIGINS"] }),
      step("crm"),
    ],
  };
});

const open = (): Promise<void> => page.show(<SetupCard http={new Http("sk_1")} />);

it("says what is done, what to set next, and what does the work until then", async () => {
  await open();
  expect(page.text).toContain("1 of 4");
  expect(page.text).toContain("Until then: eSpeak NG, on this machine, which sounds like a machine.");
  expect(page.text).toContain("CARTESIA_API_KEY=");
  expect(page.text).toContain('<script src="https://agent.example.com/widget.js" defer></script>');
  const open_ = [...document.querySelectorAll("details")].map((details) => details.open);
  expect(open_).toEqual([true, false, false]);
});

it("says of each carrier what it needs, and where its calls go", async () => {
  const ways: SetupStep["ways"] = [
    { carrier: "twilio", missing: ["TWILIO_AUTH_TOKEN", "PUBLIC_URL"] },
    { carrier: "telnyx", missing: ["TELNYX_API_KEY"] },
  ];
  setup = { ...setup, items: [step("phone", { missing: ["TWILIO_AUTH_TOKEN", "PUBLIC_URL"], ways })] };
  await open();
  const [twilio, telnyx] = [...document.querySelectorAll("section section")].map((one) => one.textContent);
  expect(twilio).toContain("TWILIO_AUTH_TOKEN=\nPUBLIC_URL=");
  expect(twilio).toContain("https://agent.example.com/telephony/twilio/voice");
  expect(telnyx).toContain("TELNYX_API_KEY=");
  expect(telnyx).toContain("https://agent.example.com/telephony/telnyx/calls");
});

it("takes the key of the CRM, and goes away when all is done", async () => {
  await open();
  await page.fill("API key of Close", "api_close_key");
  await page.submit();
  expect(page.changes).toEqual([
    { method: "PUT", path: "/api/sync/credentials/close", body: { api_key: "api_close_key" } },
  ]);
  expect(page.text).toBe("");
});

it("stays away once it was hidden", async () => {
  await open();
  await page.press("Hide this");
  expect(page.text).toBe("");
  await page.show(<p key="else" />);
  await open();
  expect(page.text).toBe("");
});
