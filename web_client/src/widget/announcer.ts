import type { Entry, Message } from "../conversation/state";
import { element } from "./dom";
import type { Words } from "./words";

/** Whole utterances kept for screen readers; they read what is added. */
const KEPT = 6;

/** Tells screen readers what was said, once an utterance is complete: captions that grow would be read over and over. */
export class Announcer {
  readonly node = element("div", { class: "sr", "aria-live": "polite", "aria-atomic": "false" });
  private readonly told = new Set<string>();

  render(entries: readonly Entry[], words: Words): void {
    for (const entry of entries.slice(-KEPT)) {
      if (entry.kind !== "message" || !isComplete(entry) || this.told.has(entry.id)) continue;
      this.told.add(entry.id);
      const name = entry.role === "user" ? words.you : words.agent;
      this.node.append(element("p", {}, `${name}: ${entry.heardText ?? entry.text}`));
      if (this.node.children.length > KEPT) this.node.firstChild?.remove();
    }
  }
}

/** What the visitor typed they know already. */
const isComplete = ({ status, text, role, spoken }: Message): boolean =>
  text !== "" && (status === "done" || status === "incomplete") && (role === "assistant" || spoken);
