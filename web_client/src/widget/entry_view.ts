import { saidCharacters } from "../conversation/captions";
import type { Entry, Handoff, Message, Presence, ToolActivity } from "../conversation/state";
import { element, setText } from "./dom";
import { timingsView } from "./timings_view";
import { toolWords, type Words } from "./words";

export interface EntryContext {
  words: Words;
  showTimings: boolean;
  /** The item being heard. */
  playing: string | null;
}

/** One line of the conversation; `update` changes only what differs. */
export interface EntryView {
  readonly node: HTMLElement;
  update(entry: Entry, context: EntryContext): void;
}

export function entryView(entry: Entry, words: Words): EntryView {
  switch (entry.kind) {
    case "message":
      return new MessageView(entry, words);
    case "tool":
      return new ToolView();
    case "handoff":
      return new HandoffView();
    case "presence":
      return {
        node: element("div", { class: "presence", dir: "auto" }, presenceWords(entry, words)),
        update: () => undefined,
      };
    case "restart":
      return { node: element("div", { class: "restart" }, words.startedNew), update: () => undefined };
  }
}

class MessageView implements EntryView {
  readonly node: HTMLElement;
  private readonly said = element("span", { class: "said" });
  private readonly rest = element("span", { class: "rest" });
  private readonly note = element("span", { class: "note" });
  private readonly dots = element("span", { class: "dots", "aria-hidden": "true" }, dot(), dot(), dot());
  private readonly extra = element("div", { class: "extra" });
  private readonly by = element("div", { class: "by", dir: "auto" });
  private shown = "";

  constructor({ role }: Message, words: Words) {
    const speaker = element("span", { class: "sr" }, `${role === "user" ? words.you : words.agent}: `);
    this.by.hidden = true;
    const line = element("p", { dir: "auto" }, speaker, this.said, this.rest, this.dots, this.note);
    this.node = element("div", { class: `message ${role}` }, this.by, line, this.extra);
  }

  update(entry: Entry, { words, showTimings, playing }: EntryContext): void {
    const message = entry as Message;
    const at = splitPoint(message, playing);
    setText(this.said, message.text.slice(0, at));
    setText(this.rest, message.text.slice(at));
    const waiting = message.text === "" && message.status === "streaming";
    this.dots.hidden = !waiting;
    this.node.dataset.status = message.status;
    this.by.hidden = message.by === null;
    setText(this.by, message.by ?? "");
    setText(this.note, noteFor(message, at, words));
    this.showTimings(message, words, showTimings);
  }

  private showTimings(message: Message, words: Words, wanted: boolean): void {
    const key = wanted ? JSON.stringify([message.timings, message.measuredMs]) : "";
    if (key === this.shown) return;
    this.shown = key;
    const view = wanted && message.role === "assistant" ? timingsView(message, words) : null;
    this.extra.replaceChildren(...(view ? [view] : []));
  }
}

export const presenceWords = ({ name, present }: Presence, words: Words): string =>
  `${name} ${present ? words.joined : words.left}.`;

/** Up to here the text is the visitor's own, read, or heard. */
function splitPoint(message: Message, playing: string | null): number {
  const { role, spoken, status, text, heardText } = message;
  if (role === "user" || !spoken) return text.length;
  if (heardText !== null && text.startsWith(heardText.trim())) return heardText.trim().length;
  if (status === "incomplete" || playing === message.id) return saidCharacters(message);
  // Not being played: to come, or already through.
  return message.receivedMs > 0 && message.playedMs === 0 ? 0 : text.length;
}

function noteFor({ role, status, spoken }: Message, at: number, words: Words): string {
  if (status === "pending") return words.notSent;
  if (status === "failed") return spoken ? words.notUnderstood : words.notTaken;
  if (role === "assistant" && status === "incomplete") return at > 0 ? words.interrupted : words.notHeard;
  return "";
}

const dot = (): HTMLElement => element("i");

class ToolView implements EntryView {
  private readonly label = element("span", { dir: "auto" });
  readonly node = element(
    "div",
    { class: "tool" },
    element("span", { class: "spinner", "aria-hidden": "true" }),
    this.label,
  );

  update(entry: Entry, { words }: EntryContext): void {
    const { name, label, status } = entry as ToolActivity;
    this.node.dataset.status = status;
    setText(this.label, toolWords(words, name, label) + (status === "failed" ? ` – ${words.toolFailed}` : ""));
  }
}

class HandoffView implements EntryView {
  readonly node = element("div", { class: "handoff", dir: "auto" });

  update(entry: Entry, { words }: EntryContext): void {
    const { to, message } = entry as Handoff;
    setText(this.node, message ?? (to === null ? words.handedOver : `${words.handedTo} ${to}.`));
  }
}
