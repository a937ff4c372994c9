// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import { Navigation } from "../../src/console/navigation";
import { readRoute } from "../../src/console/router";
import { PageUnderTest } from "./page_under_test";

const page = new PageUnderTest(() => [200, {}]);

it("has the page one is on in sight where the window is too low for all of them", async () => {
  const seen: (string | null)[] = [];
  vi.spyOn(Element.prototype, "scrollIntoView").mockImplementation(function show(this: Element) {
    seen.push(this.textContent);
    return Promise.resolve(); // as new browsers do: no effect's clean-up
  });
  await page.show(<Navigation route={readRoute("#/latency")} />);
  await page.show(<Navigation route={readRoute("#/webhooks")} />);
  expect(seen).toEqual(["Latency", "Webhooks"]);
});
