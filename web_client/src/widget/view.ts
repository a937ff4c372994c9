import { type Phase, phaseOf } from "../conversation/phase";
import type { ConversationState } from "../conversation/state";
import { Announcer } from "./announcer";
import { Composer } from "./composer";
import { element, iconButton, labelButton, setAttributes, setText } from "./dom";
import { icons } from "./icons";
import { noticeFor } from "./notice";
import { Orb } from "./orb";
import { felt } from "./orb_motion";
import { TranscriptView } from "./transcript_view";
import type { Words } from "./words";

export interface ViewActions {
  talk: () => void;
  speaker: () => void;
  stop: () => void;
  end: () => void;
  send: (text: string) => boolean;
  retry: () => void;
  copy: () => Promise<boolean>;
  startOver: () => void;
  close: () => void;
  levels: () => { visitor: number; agent: number };
}

export interface ViewOptions {
  words: Words;
  heading: string;
  welcome: string;
  bubble: boolean;
  showTimings: boolean;
}

/** The panel: everything that is seen and pressed. Shows a state, and calls back. */
export class View {
  readonly panel: HTMLElement;
  readonly composer: Composer;
  private readonly transcript: TranscriptView;
  private readonly announcer = new Announcer();
  private readonly orb: Orb;
  private readonly talkButton: HTMLButtonElement;
  private readonly startButton: HTMLButtonElement;
  private readonly cue = element("span", { class: "cue", dir: "auto", "aria-hidden": "true" });
  private readonly phaseLabel = element("span", { class: "phase-label", role: "status" });
  private readonly stopButton: HTMLButtonElement;
  private readonly timingsButton: HTMLButtonElement;
  private readonly copyButton: HTMLButtonElement;
  private readonly startOverButton: HTMLButtonElement;
  private readonly noticeText = element("span", { dir: "auto" });
  private readonly retryButton = element("button", { type: "button", class: "retry" });
  private readonly notice = element("div", { class: "notice", role: "alert" }, this.noticeText, this.retryButton);
  private readonly toast = element("div", { class: "toast", dir: "auto", role: "status" });
  private toastTimer: ReturnType<typeof setTimeout> | undefined;
  private showTimings: boolean;
  private state: ConversationState | null = null;

  constructor(
    private readonly options: ViewOptions,
    private readonly actions: ViewActions,
  ) {
    const { words } = options;
    this.showTimings = options.showTimings;
    this.transcript = new TranscriptView(words, options.welcome);
    this.composer = new Composer(words, actions);
    this.timingsButton = iconButton("timings-toggle", icons.timings, words.timings, () => this.toggleTimings());
    this.copyButton = iconButton("copy", icons.copy, words.copy, () => void this.copy());
    this.startOverButton = iconButton("start-over", icons.startOver, words.startOver, actions.startOver);
    const canvas = element("canvas", { "aria-hidden": "true" });
    this.talkButton = element("button", { type: "button", class: "orb", part: "orb" }, canvas);
    this.talkButton.addEventListener("click", actions.talk);
    this.orb = new Orb(canvas, () => this.orbInput());
    this.stopButton = pill("stop", icons.stop, words.stop, `${words.stop} (Esc)`, actions.stop);
    this.startButton = pill("start", icons.microphone, words.startTalking, words.startTalking, actions.talk);
    // For pointers; keyboard and screen reader have the same button in the orb.
    setAttributes(this.startButton, { tabindex: "-1", "aria-hidden": "true" });
    this.retryButton.addEventListener("click", actions.retry);
    this.panel = this.build();
  }

  /** Pictures move only while they can be seen. */
  animate(on: boolean): void {
    if (on) this.orb.start();
    else this.orb.stop();
  }

  render(state: ConversationState): void {
    if (this.state === null) this.announcer.skip(state.entries);
    this.state = state;
    const { words } = this.options;
    const phase = phaseOf(state);
    this.panel.dataset.phase = phase;
    const begun = state.entries.length > 0;
    this.panel.classList.toggle("begun", begun);
    this.copyButton.disabled = !begun;
    this.startOverButton.disabled = !begun;
    setText(this.phaseLabel, this.options.words.phases[phase]);
    this.renderTalk(state, words);
    this.renderCue(state, phase);
    this.renderNotice(state, words);
    this.composer.render(state);
    setAttributes(this.timingsButton, { "aria-pressed": String(this.showTimings) });
    this.transcript.render(state.entries, { words, showTimings: this.showTimings, playing: state.playing });
    this.announcer.render(state.entries, words);
  }

  /** A short word that goes away by itself. */
  say(text: string): void {
    clearTimeout(this.toastTimer);
    setText(this.toast, text);
    this.toast.classList.add("shown");
    this.toastTimer = setTimeout(() => this.toast.classList.remove("shown"), 2_400);
  }

  private build(): HTMLElement {
    const { words, heading, bubble } = this.options;
    const tools = element(
      "div",
      { class: "tools" },
      this.timingsButton,
      this.copyButton,
      this.startOverButton,
      bubble ? iconButton("close", icons.close, words.close, this.actions.close) : null,
    );
    const status = element("div", { class: "phase" }, element("i", { "aria-hidden": "true" }), this.phaseLabel);
    const header = element("header", {}, element("div", { class: "title" }, element("h2", {}, heading), status), tools);
    const slot = element("div", { class: "slot" }, this.startButton, this.stopButton, this.cue);
    const stage = element("div", { class: "stage" }, this.talkButton, slot);
    const talk = element("div", { class: "talk" }, this.transcript.node, this.notice, this.composer.node);
    return element(
      "section",
      { class: "panel", part: "panel", role: bubble ? "dialog" : "region", "aria-label": heading },
      header,
      element("div", { class: "body" }, stage, talk),
      this.toast,
      this.announcer.node,
    );
  }

  private renderTalk({ microphone }: ConversationState, words: Words): void {
    const on = microphone === "on";
    labelButton(this.talkButton, on ? words.mute : words.startTalking);
    setAttributes(this.talkButton, { "aria-pressed": String(on) });
    this.talkButton.disabled = microphone === "asking";
  }

  /** Under the orb: the one thing to press just now, else what is going on. */
  private renderCue({ microphone, playing, response }: ConversationState, phase: Phase): void {
    const busy = playing !== null || response !== null;
    this.stopButton.hidden = !busy;
    this.startButton.hidden = busy || microphone === "on" || microphone === "asking";
    this.cue.hidden = !this.stopButton.hidden || !this.startButton.hidden;
    setText(this.cue, this.options.words.phases[phase]);
  }

  private renderNotice(state: ConversationState, words: Words): void {
    const notice = noticeFor(state, words);
    this.notice.hidden = !notice;
    this.notice.dataset.tone = notice?.tone ?? "";
    setText(this.noticeText, notice?.text ?? "");
    this.retryButton.hidden = !notice?.retry;
    setText(this.retryButton, notice?.retry ?? words.retry);
  }

  private orbInput(): { phase: Phase; level: number } {
    const phase = this.state ? phaseOf(this.state) : "idle";
    const { visitor, agent } = this.actions.levels();
    this.composer.meter(felt(visitor), felt(agent));
    return { phase, level: phase === "speaking" ? agent : visitor };
  }

  private toggleTimings(): void {
    this.showTimings = !this.showTimings;
    this.transcript.invalidate();
    if (this.state) this.render(this.state);
  }

  private async copy(): Promise<void> {
    const { words } = this.options;
    this.say((await this.actions.copy()) ? words.copied : words.copyFailed);
  }
}

/** A button with an icon and a word. */
function pill(name: string, path: string, text: string, label: string, onPress: () => void): HTMLButtonElement {
  const button = iconButton(`pill ${name}`, path, label, onPress);
  button.append(text);
  return button;
}
