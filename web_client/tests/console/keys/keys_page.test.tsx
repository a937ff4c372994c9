// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { ApiKeyRecord } from "../../../src/console/api/types";
import { KeysPage } from "../../../src/console/pages/keys";
import { PageUnderTest } from "../page_under_test";

const KEY: ApiKeyRecord = {
  id: "key_1",
  name: "Website",
  prefix: "sk_sales_abc",
  scopes: ["*"],
  created_at: "2026-01-12T09:00:00Z",
  last_used_at: null,
  revoked_at: null,
};

let keys: ApiKeyRecord[];
let allowed: boolean;

const page = new PageUnderTest(({ method }) => {
  if (!allowed) return [403, { error: { code: "insufficient_permissions", message: "This key may not." } }];
  if (method === "POST") return [201, { ...KEY, key: "sk_sales_secret" }];
  if (method === "DELETE") {
    keys = [{ ...KEY, revoked_at: "2026-01-13T09:00:00Z" }];
    return [204, null];
  }
  return [200, { items: keys, next_cursor: null }];
});

beforeEach(() => {
  keys = [KEY];
  allowed = true;
});

const open = (): Promise<void> => page.show(<KeysPage http={new Http("sk_1")} id={null} part={null} />);

it("makes a key that may do what is chosen, and shows it until it was taken", async () => {
  await open();
  expect(page.text).toContain("everything");
  await page.fill("What it is for", "Reports");
  await page.submit();
  expect(page.changes.map(({ body }) => body)).toEqual([{ name: "Reports", scopes: ["realtime", "read", "write"] }]);
  expect(page.text).toContain("sk_sales_secret");
  await page.press("I have it");
  expect(page.text).not.toContain("sk_sales_secret");
});

it("revokes a key when the question is answered", async () => {
  await open();
  await page.press("Revoke");
  expect(page.changes).toEqual([]);
  await page.press("Revoke");
  expect(page.changes.map(({ method, path }) => [method, path])).toEqual([["DELETE", "/api/keys/key_1"]]);
  expect(page.text).toContain("revoked");
});

it("says what a key lacks that may not manage keys", async () => {
  allowed = false;
  await open();
  expect(page.text).toContain("This key may not. insufficient_permissions");
  expect(page.text).toContain("Forget this key, and enter one that may.");
});
