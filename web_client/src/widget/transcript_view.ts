import type { Entry } from "../conversation/state";
import { element, iconButton } from "./dom";
import { type EntryContext, type EntryView, entryView } from "./entry_view";
import { icons } from "./icons";
import type { Words } from "./words";

/** Distance from the end, in CSS pixels, within which new lines are followed. */
const FOLLOW_WITHIN = 60;

/** The conversation, kept in step with the state line by line; follows the end unless the visitor scrolled up. */
export class TranscriptView {
  readonly node: HTMLElement;
  private readonly log: HTMLElement;
  private readonly lines = element("div", { class: "lines" });
  private readonly welcome: HTMLElement;
  private readonly jump: HTMLButtonElement;
  private readonly views = new Map<string, { entry: Entry; view: EntryView }>();
  private following = true;

  constructor(
    private readonly words: Words,
    welcome: string,
  ) {
    this.welcome = element("p", { class: "welcome", dir: "auto" }, welcome);
    this.log = element(
      "div",
      { class: "log", part: "log", role: "log", "aria-live": "off", "aria-label": words.transcript, tabindex: "0" },
      this.welcome,
      this.lines,
    );
    this.jump = iconButton("jump", icons.down, words.latest, () => this.toEnd());
    this.jump.hidden = true;
    this.node = element("div", { class: "transcript" }, this.log, this.jump);
    this.log.addEventListener("scroll", () => this.scrolled(), { passive: true });
    if (typeof ResizeObserver !== "undefined") new ResizeObserver(() => this.keepUp()).observe(this.log);
  }

  render(entries: readonly Entry[], context: EntryContext): void {
    this.welcome.hidden = entries.length > 0;
    this.dropMissing(entries);
    entries.forEach((entry, index) => {
      const { node } = this.viewOf(entry, context);
      if (this.lines.children[index] !== node) this.lines.insertBefore(node, this.lines.children[index] ?? null);
    });
    this.keepUp();
  }

  /** Draws every line anew at the next `render`. */
  invalidate(): void {
    for (const kept of this.views.values()) kept.entry = { ...kept.entry };
  }

  private viewOf(entry: Entry, context: EntryContext): EntryView {
    const kept = this.views.get(entry.id);
    if (kept && kept.entry === entry && context.playing !== entry.id) return kept.view;
    const view = kept?.view ?? entryView(entry, this.words);
    view.update(entry, context);
    this.views.set(entry.id, { entry, view });
    return view;
  }

  private dropMissing(entries: readonly Entry[]): void {
    if (this.views.size === 0) return;
    const present = new Set(entries.map(({ id }) => id));
    for (const [id, { view }] of this.views) {
      if (present.has(id)) continue;
      view.node.remove();
      this.views.delete(id);
    }
  }

  private scrolled(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    this.following = scrollHeight - scrollTop - clientHeight < FOLLOW_WITHIN;
    this.jump.hidden = this.following;
  }

  private keepUp(): void {
    if (this.following) this.log.scrollTop = this.log.scrollHeight;
  }

  private toEnd(): void {
    this.following = true;
    this.keepUp();
    this.log.focus();
  }
}
