// @vitest-environment happy-dom
import { act } from "react";
import { expect, it } from "vitest";
import { ConfirmButton } from "../../src/console/confirm_button";
import { PageUnderTest } from "./page_under_test";

const page = new PageUnderTest(() => [200, {}]);
let done = 0;

const shown = (): Promise<void> =>
  page.show(
    <ConfirmButton question="Gone for good." yes="Delete it" disabled={false} onConfirm={() => done++}>
      Delete
    </ConfirmButton>,
  );

const isFocused = (name: string): boolean => document.activeElement === page.button(name);

it.each(["Cancel", "Escape", "Delete it"])("the keyboard is where it was after %s", async (answer) => {
  done = 0;
  await shown();
  page.button("Delete")?.focus();
  await page.press("Delete");
  expect(isFocused("Cancel")).toBe(true);
  if (answer === "Escape") {
    const key = new KeyboardEvent("keydown", { key: "Escape", bubbles: true });
    await act(async () => void document.activeElement?.dispatchEvent(key));
  } else {
    await page.press(answer);
  }
  expect(isFocused("Delete")).toBe(true);
  expect(done).toBe(answer === "Delete it" ? 1 : 0);
});
