// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { Http } from "../../src/console/api/http";
import { forgetDrafts } from "../../src/console/drafts";
import { CallListsPage } from "../../src/console/pages/call_lists";
import { CampaignsPage } from "../../src/console/pages/campaigns";
import { LeadsPage } from "../../src/console/pages/leads";
import { PageUnderTest } from "./page_under_test";

const page = new PageUnderTest(({ method }) =>
  method === "POST" ? [201, { id: "made_1" }] : [200, { items: [], next_cursor: null, leads: 1, skipped: {} }],
);
const HTTP = new Http("sk_1");
const PLACES = [
  ["Name", CampaignsPage],
  ["Name", CallListsPage],
  ["Company", LeadsPage],
] as const;

beforeEach(() => sessionStorage.clear());

const value = (label: string): string | undefined => {
  const named = [...document.querySelectorAll("label")].find((one) => one.textContent === label);
  return (document.getElementById(named?.htmlFor ?? "") as HTMLInputElement | null)?.value;
};

it.each(PLACES)(
  "what is half written (%s) is there again after a look at another page, until it is dropped",
  async (label, Page) => {
    const open = (): Promise<void> => page.show(<Page http={HTTP} id="new" part={null} />);
    await open();
    expect(page.button("Drop what I wrote")).toBeUndefined();
    await page.fill(label, "Spring");
    await page.show(<p>Elsewhere</p>);
    await open();
    expect(value(label)).toBe("Spring");
    await page.press("Drop what I wrote");
    await page.press("Drop it");
    expect(value(label)).toBe("");
    expect(sessionStorage.length).toBe(0);
  },
);

it("what was kept is no draft any more, and whoever uses the tab next has none", async () => {
  await page.show(<LeadsPage http={HTTP} id="new" part={null} />);
  await page.fill("Company", "Acme");
  expect(sessionStorage.length).toBe(1);
  await page.submit();
  expect(sessionStorage.length).toBe(0);
  await page.fill("Company", "Acme again");
  forgetDrafts();
  expect(sessionStorage.length).toBe(0);
});
