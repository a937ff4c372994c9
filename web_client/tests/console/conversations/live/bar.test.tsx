// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { Http } from "../../../../src/console/api/http";
import { LiveBar } from "../../../../src/console/conversations/live/bar";
import { type Live, notFollowed } from "../../../../src/console/conversations/live/state";
import { PageUnderTest } from "../../page_under_test";

const LIVE: Live = { ...notFollowed, line: "following", heededBy: "playbook" };
const LEASE = "lease_of_the_person";

const page = new PageUnderTest(({ path }) => {
  if (path.endsWith("/takeover")) return [200, { lease: LEASE, holds_seconds: 20, operator: "Maria" }];
  if (path.endsWith("/whisper")) return [200, { note: "The playbook follows no orders." }];
  return [200, {}];
});

const http = new Http("sk_1");
const show = (live: Live): Promise<void> => page.show(<LiveBar http={http} id="conv_1" live={live} />);

it("whispers to the agent, and says who cannot follow", async () => {
  await show(LIVE);
  await page.fill("Words for the agent", "Offer ten percent.");
  await page.submit();
  expect(page.changes).toEqual([
    { method: "POST", path: "/api/conversations/conv_1/whisper", body: { text: "Offer ten percent." } },
  ]);
  expect(page.text).toContain("The playbook follows no orders.");
});

it("takes over under a name, says what is typed, and gives it back", async () => {
  await show(LIVE);
  await page.fill("Your name, as the caller is told", "Maria");
  await page.submit(1);
  await show({ ...LIVE, operator: "Maria", speaking: "operator" });
  expect(page.text).toContain("Maria is speaking");
  expect(page.text).toContain("You have this conversation");
  await page.fill("Words for the caller", "Hello there.");
  await page.submit();
  await page.press("Give back to the agent");
  expect(page.changes.map(({ path, body }) => [path.split("/").at(-1), body])).toEqual([
    ["takeover", { name: "Maria" }],
    ["say", { text: "Hello there.", interrupt: false, lease: LEASE }],
    ["release", { lease: LEASE }],
  ]);
});

it("ends only what it was asked to end twice, and nothing of somebody else's", async () => {
  await show(LIVE);
  await page.press("End");
  expect(page.changes).toEqual([]);
  await page.press("End it");
  expect(page.changes.map(({ path }) => path)).toEqual(["/api/conversations/conv_1/end"]);
  await show({ ...LIVE, operator: "Bob" });
  expect(page.text).toContain("Bob has taken over this conversation.");
  expect(page.button("Take over")?.disabled).toBe(true);
  expect(page.button("End")?.disabled).toBe(true);
});
