import type { Entry, Message } from "../conversation/state";
import { element } from "./dom";
import { presenceWords } from "./entry_view";
import type { Words } from "./words";

/** Whole utterances kept for screen readers; they read what is added. */
const KEPT = 6;

/** Tells screen readers what was said, once an utterance is complete: captions that grow would be read over and over. */
export class Announcer {
  readonly node = element("div", { class: "sr", "aria-live": "polite", "aria-atomic": "false" });
  private readonly told = new Set<string>();

  /** What was said before, on another page, is not news. */
  skip(entries: readonly Entry[]): void {
    for (const { id } of entries) this.told.add(id);
  }

  render(entries: readonly Entry[], words: Words): void {
    for (const entry of entries.slice(-KEPT)) {
      const told = this.told.has(entry.id) ? null : wordsOf(entry, words);
      if (told === null) continue;
      this.told.add(entry.id);
      this.node.append(element("p", {}, told));
      if (this.node.children.length > KEPT) this.node.firstChild?.remove();
    }
  }
}

function wordsOf(entry: Entry, words: Words): string | null {
  if (entry.kind === "presence") return presenceWords(entry, words);
  if (entry.kind !== "message" || !isComplete(entry)) return null;
  const name = entry.role === "user" ? words.you : (entry.by ?? words.agent);
  return `${name}: ${entry.heardText ?? entry.text}`;
}

/** What the visitor typed they know already. */
const isComplete = ({ status, text, role, spoken }: Message): boolean =>
  text !== "" && (status === "done" || status === "incomplete") && (role === "assistant" || spoken);
