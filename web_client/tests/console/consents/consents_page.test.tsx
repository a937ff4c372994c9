// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { ListedConsent } from "../../../src/console/api/types";
import { consentBody } from "../../../src/console/consents/fields";
import { toneOf, untilOf } from "../../../src/console/consents/list";
import { ConsentsPage } from "../../../src/console/pages/consents";
import { PageUnderTest } from "../page_under_test";

const CONSENT: ListedConsent = {
  number: "+14155550132",
  kind: "express",
  source: "Trade fair",
  given_at: "2026-01-12T09:00:00Z",
  valid_until: null,
  lead_id: "lead_1",
  recorded_by: null,
  updated_at: "2026-01-12T09:00:00Z",
  company_name: "Acme",
  contact_name: "Ann Lee",
};

const page = new PageUnderTest(({ method }) =>
  method === "PUT" ? [200, CONSENT] : [200, { items: [CONSENT], next_cursor: null }],
);

it("lists consents, and takes one back", async () => {
  await page.show(<ConsentsPage http={new Http("sk_1")} id={null} part={null} />);
  expect(page.text).toContain("Trade fair");
  expect(page.text).toContain("Ann Lee, Acme");
  await page.press("Change");
  await page.fill("How they agreed", "none");
  expect(page.button("Record")?.disabled).toBe(true);
  await page.fill("Where, for who has to show it", "On the phone");
  await page.submit();
  expect(page.changes).toEqual([
    {
      method: "PUT",
      path: `/api/consents/${encodeURIComponent(CONSENT.number)}`,
      body: { kind: "none", source: "On the phone" },
    },
  ]);
  expect(page.text).toContain(`Recorded for ${CONSENT.number}.`);
});

it("has a consent last to the end of its day", () => {
  const body = consentBody({ kind: "existing_relationship", source: " Contract ", until: "2026-03-02" });
  expect(body.source).toBe("Contract");
  expect(Date.parse(body.valid_until ?? "")).toBe(new Date(2026, 2, 2, 23, 59, 59).getTime());
});

it("tells one that ended from one that lasts", () => {
  const ends = { ...CONSENT, valid_until: "2026-03-02T12:00:00Z" };
  expect(toneOf(ends, Date.parse("2026-03-02T11:00:00Z"))).toBe("ok");
  expect(toneOf(ends, Date.parse("2026-03-02T12:00:00Z"))).toBe("degraded");
  expect(toneOf({ ...CONSENT, kind: "none" }, 0)).toBe("down");
  expect(untilOf(CONSENT)).toBe("no end");
  expect(untilOf({ ...CONSENT, kind: "none" })).toBe("–");
});
