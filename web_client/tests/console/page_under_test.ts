import { act, type ReactElement } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, vi } from "vitest";

export interface Asked {
  method: string;
  path: string;
  body: unknown;
}

/** What the server answers: its status and body. */
export type Answer = (asked: Asked) => [number, unknown];

/** A page in a document of its own, with a server that a test plays. */
export class PageUnderTest {
  /** What was asked to be changed. */
  readonly changes: Asked[] = [];
  private root: Root | null = null;

  constructor(answer: Answer) {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    beforeEach(() => {
      this.changes.length = 0;
      location.hash = "";
      vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
        const { method = "GET", body } = init;
        const asked = { method, path, body: typeof body === "string" ? JSON.parse(body) : null };
        if (method !== "GET") this.changes.push(asked);
        const [status, found] = answer(asked);
        return new Response(status === 204 ? null : JSON.stringify(found), { status });
      });
      document.body.innerHTML = "<main></main>";
      this.root = createRoot(document.querySelector("main") as Element);
    });
    afterEach(() => act(async () => this.root?.unmount()));
  }

  show(page: ReactElement): Promise<void> {
    return act(async () => this.root?.render(page));
  }

  get text(): string {
    return document.body.textContent ?? "";
  }

  button(name: string): HTMLButtonElement | undefined {
    return [...document.querySelectorAll("button")].find((button) => button.textContent === name);
  }

  /** The last of that name, which is the one that was shown last. */
  async press(name: string): Promise<void> {
    const found = [...document.querySelectorAll("button")].findLast((button) => button.textContent === name);
    if (!found) throw new Error(`There is no button "${name}" in: ${this.text}`);
    await act(async () => found.click());
  }

  async fill(label: string, value: string): Promise<void> {
    const field = this.field(label);
    const kind = Object.getPrototypeOf(field);
    await act(async () => {
      Object.getOwnPropertyDescriptor(kind, "value")?.set?.call(field, value);
      field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
    });
  }

  async submit(form = 0): Promise<void> {
    await act(async () => {
      document.querySelectorAll("form")[form]?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    });
  }

  private field(label: string): HTMLInputElement {
    const named = document.querySelector(`[aria-label="${label}"]`);
    const labelled = [...document.querySelectorAll("label")].find((one) => one.textContent === label);
    const field = named ?? (labelled && document.getElementById(labelled.htmlFor));
    if (!field) throw new Error(`There is no field "${label}" in: ${this.text}`);
    return field as HTMLInputElement;
  }
}
