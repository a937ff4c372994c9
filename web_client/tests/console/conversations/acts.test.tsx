// @vitest-environment happy-dom
import { expect, it } from "vitest";
import type { OperatorAct } from "../../../src/console/api/types";
import { Acts } from "../../../src/console/conversations/acts";
import { PageUnderTest } from "../page_under_test";

const page = new PageUnderTest(() => [200, {}]);

const act = (id: string, said: boolean | null): OperatorAct => ({
  id,
  kind: said === null ? "whisper" : "say",
  key_name: "first key",
  name: null,
  text: `Words ${id}`,
  said,
  created_at: new Date().toISOString(),
});

it.each([
  [true, "not said yet"],
  [false, "not said"],
])("tells of words the caller has not heard, and of no others (open: %s)", async (open, told) => {
  await page.show(<Acts acts={[act("1", null), act("2", true), act("3", false)]} open={open} />);
  const acts = [...document.querySelectorAll("li")].map((each) => each.querySelector("em")?.textContent);
  expect(acts).toEqual([undefined, undefined, told]);
});
