import type { ConversationState } from "../conversation/state";
import { element, iconButton, labelButton, setAttributes } from "./dom";
import { icons } from "./icons";
import type { Words } from "./words";

const MAX_LENGTH = 4_000;

export interface ComposerActions {
  talk: () => void;
  speaker: () => void;
  end: () => void;
  send: (text: string) => boolean;
}

/** Where the visitor answers: typing, and the switches of microphone, loudspeaker and line. */
export class Composer {
  readonly node: HTMLFormElement;
  private readonly field: HTMLTextAreaElement;
  private readonly microphone: HTMLButtonElement;
  private readonly speaker: HTMLButtonElement;
  private readonly end: HTMLButtonElement;
  private readonly sendButton: HTMLButtonElement;

  constructor(
    private readonly words: Words,
    private readonly actions: ComposerActions,
  ) {
    this.field = element("textarea", {
      rows: "1",
      dir: "auto",
      maxlength: String(MAX_LENGTH),
      placeholder: words.placeholder,
      "aria-label": words.message,
      enterkeyhint: "send",
    });
    this.microphone = iconButton("microphone", icons.microphoneOff, words.unmute, actions.talk);
    this.speaker = iconButton("speaker", icons.speakerOff, words.speakerOn, actions.speaker);
    this.end = iconButton("end", icons.end, words.end, actions.end);
    this.sendButton = iconButton("send", icons.send, words.send, () => this.submit());
    this.node = element(
      "form",
      { class: "composer", part: "composer" },
      element("div", { class: "field" }, this.field, this.sendButton),
      element("div", { class: "switches" }, this.microphone, this.speaker, this.end),
    );
    this.listen();
  }

  focus(): void {
    this.field.focus({ preventScroll: true });
  }

  render({ microphone, speakerOn, status }: ConversationState): void {
    const on = microphone === "on";
    this.show(
      this.microphone,
      on,
      on ? icons.microphone : icons.microphoneOff,
      on ? this.words.mute : this.words.unmute,
    );
    this.microphone.disabled = microphone === "asking";
    const { speakerOff, speakerOn: hear } = this.words;
    this.show(this.speaker, speakerOn, speakerOn ? icons.speaker : icons.speakerOff, speakerOn ? speakerOff : hear);
    this.end.disabled = status.kind === "idle" || status.kind === "failed";
    this.sendButton.disabled = this.field.value.trim() === "";
  }

  /** Rings around the switches show loudness, 0..1. */
  meter(visitor: number, agent: number): void {
    setLevel(this.microphone, visitor);
    setLevel(this.speaker, agent);
  }

  private show(button: HTMLButtonElement, pressed: boolean, path: string, label: string): void {
    labelButton(button, label);
    setAttributes(button, { "aria-pressed": String(pressed) });
    button.querySelector("path")?.setAttribute("d", path);
  }

  private listen(): void {
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("input", () => this.fit());
  }

  private submit(): void {
    if (!this.actions.send(this.field.value)) return;
    this.field.value = "";
    this.fit();
  }

  /** As high as its text, within what the style sheet allows. */
  private fit(): void {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
    this.sendButton.disabled = this.field.value.trim() === "";
  }
}

/** Touches the style only for a change that can be seen: this runs every frame. */
function setLevel(button: HTMLElement, level: number): void {
  const text = level.toFixed(2);
  if (button.style.getPropertyValue("--level") !== text) button.style.setProperty("--level", text);
}
