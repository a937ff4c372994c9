// @vitest-environment happy-dom
import { act } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { NOBODY } from "../../../src/console/agent/facts";
import { Http } from "../../../src/console/api/http";
import type { AgentProfile } from "../../../src/console/api/types";
import { AgentPage } from "../../../src/console/pages/agent";
import { PageUnderTest } from "../page_under_test";

const profile = (about: Partial<AgentProfile>): AgentProfile => ({
  ...NOBODY,
  slug: "default",
  is_default: true,
  version: 1,
  updated_at: null,
  ...about,
});

let profiles: AgentProfile[];
let stale: boolean;
let lacking: string[];

const page = new PageUnderTest(({ method, path, body }) => {
  const [, slug, rest] = /^\/api\/agent-profiles\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  if (path === "/api/voice/languages") return [200, { items: [{ code: "de", name: "German" }] }];
  if (path === "/api/setup")
    return [200, { url: "", items: [{ name: "models", done: lacking.length === 0, missing: lacking }] }];
  if (path === "/api/voice/voices") return [200, { items: [{ id: "ash", default: false }] }];
  if (slug === "preview") return [200, { instructions: `You are ${(body as AgentProfile).name}.`, opening: "Hi!" }];
  if (rest === "versions") {
    const facts = { ...NOBODY, name: "Max" };
    return [
      200,
      {
        items: [
          { version: 2, saved_at: "2026-03-01T12:00:00Z", saved_by: "Ops", facts: { ...facts, company: "Acme" } },
          { version: 1, saved_at: "2026-03-01T11:00:00Z", saved_by: null, facts },
        ],
      },
    ];
  }
  if (rest === "versions/1/restore") return [200, profile({ version: 3, name: "Max again" })];
  if (method === "PUT") {
    if (stale) return [409, { error: { code: "agent_profile_changed", message: "It was saved by somebody else." } }];
    const saved = profile({ ...(body as Partial<AgentProfile>), slug: slug ?? "", version: 3 });
    profiles = profiles.map((one) => (one.slug === slug ? saved : one));
    return [200, saved];
  }
  if (method === "POST") {
    profiles = [...profiles, profile({ ...(body as Partial<AgentProfile>), is_default: false })];
    return [201, profiles.at(-1)];
  }
  return slug ? [200, profiles.find((one) => one.slug === slug)] : [200, { items: profiles, next_cursor: null }];
});

beforeEach(() => {
  sessionStorage.clear();
  stale = false;
  lacking = [];
  profiles = [profile({ version: 2, name: "Max", company: "Acme" })];
});

const open = (id: string | null = null): Promise<void> =>
  page.show(<AgentPage http={new Http("sk_1")} id={id} part={null} />);

const saved = () => page.changes.filter(({ path }) => !path.endsWith("/preview"));

it("is written, with its questions in order, and saved whole", async () => {
  await open();
  expect(page.text).not.toContain("default");
  await page.fill("What it says first", "Hello.");
  await page.fill("Rules, a line each", "Never lie.\n\nBe short.");
  await page.press("Add a question");
  await page.fill("Question 1", "Which day suits you?");
  await page.press("Add a question");
  await page.fill("Question 2", "What size?");
  await page.fill("Choices (2), apart by commas", "small, large");
  await page.press("↑");
  await page.submit();
  expect(saved()[0]).toMatchObject({
    method: "PUT",
    path: "/api/agent-profiles/default",
    body: {
      version: 2,
      name: "Max",
      greeting: "Hello.",
      rules: ["Never lie.", "Be short."],
      questions: [
        { key: "size", question: "What size?", choices: ["small", "large"] },
        { key: "day_suits", question: "Which day suits you?", choices: [] },
      ],
    },
  });
  expect(page.text).toContain("Saved. The next conversation has it so.");
});

it("shows what it will be told as it is written", async () => {
  vi.useFakeTimers();
  try {
    await open();
    await page.fill("Its name", "Zoë");
    await act(() => vi.advanceTimersByTimeAsync(500));
    expect(page.text).toContain("You are Zoë.");
    expect(page.text).toContain("“Hi!”");
  } finally {
    vi.useRealTimers();
  }
});

it("keeps what was written when somebody else saved meanwhile, until it is dropped", async () => {
  await open();
  await page.fill("Its name", "Zoë");
  stale = true;
  await page.submit();
  expect(page.text).toContain("agent_profile_changed");
  await page.press("Read what was saved, and drop mine");
  expect(page.text).not.toContain("Not saved yet.");
  expect(sessionStorage.length).toBe(0);
});

it("follows what somebody else saved as long as nothing was written here", async () => {
  await open();
  const seenAgain = () => act(async () => void document.dispatchEvent(new Event("visibilitychange")));
  profiles = [profile({ version: 3, name: "Eve" })];
  await seenAgain();
  expect(document.querySelector("input")?.value).toBe("Eve");
  await page.fill("Its name", "Zoë");
  profiles = [profile({ version: 4, name: "Max" })];
  await seenAgain();
  expect(document.querySelector("input")?.value).toBe("Zoë");
});

it("has what was written still there after another page", async () => {
  await open();
  await page.fill("Its name", "Zoë");
  await page.show(<p>Elsewhere</p>);
  await open();
  expect(page.text).toContain("Not saved yet.");
});

it("lists its versions with what changed, and restores one", async () => {
  await open();
  expect(page.text).toContain("Ops · company");
  await page.press("Restore");
  await page.press("Restore");
  expect(saved().map(({ path }) => path)).toEqual(["/api/agent-profiles/default/versions/1/restore"]);
});

it("has a second one, named by itself, and a way to each", async () => {
  await open("+");
  await page.fill("Its name", "Zoë");
  await page.submit();
  expect(saved()[0]).toMatchObject({ method: "POST", body: { slug: "zoe", name: "Zoë" } });
  expect(location.hash).toBe("#/profile/zoe");
  await open("zoe");
  expect(page.text).toContain("Zoë");
  expect(page.button("Delete")).toBeDefined();
});

it("talks the language that is chosen, of those the server understands", async () => {
  await open();
  await page.fill("Language", "de");
  await page.submit();
  expect(saved()[0]?.body).toMatchObject({ language: "de" });
});

it("says what another language than the playbook's needs, where it is lacking", async () => {
  lacking = ["CEREBRAS_API_KEY"];
  await open();
  expect(page.text).not.toContain("Needs a model");
  await page.fill("Language", "de");
  expect(page.text).toContain("until CEREBRAS_API_KEY is set, this agent answers with what is taught");
});
