import { BrowserDevices, WORKLET_PATH } from "../audio/browser_devices";
import { phaseOf } from "../conversation/phase";
import { Session } from "../conversation/session";
import { type ConversationState, initialState } from "../conversation/state";
import { transcriptText } from "../conversation/transcript_text";
import { askWhyRefused, fetchCredentials } from "../realtime/credentials";
import { ConversationMemory } from "./conversation_memory";
import { iconButton } from "./dom";
import { icons } from "./icons";
import { aboveKeyboard } from "./keyboard";
import { wordsIn } from "./languages/words_in";
import { readOptions, type WidgetOptions } from "./options";
import { styleSheet } from "./style_sheet";
import { suitPage } from "./suit_page";
import { View } from "./view";
import type { Words } from "./words";

/** Where this script came from; a page that bundles it must name the `server`. */
const scriptOrigin = ((): string => {
  const own = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  return own instanceof HTMLScriptElement && own.src ? new URL(own.src).origin : location.origin;
})();

/**
 * `<sales-agent-widget>`: type or talk with the agent, in one conversation.
 *
 * Attributes, read when it is put in the page: `server`, `api-key` (an `ek_…` secret) or `token-url` (the site's own
 * door that mints one), `agent` (the profile that talks, by its slug), `model`, `mode` (`bubble` or `inline`),
 * `heading`, `welcome`, `language`, `eagerness`, `greet="off"`, `timings`. At any time: `theme` (`light` or `dark`; else
 * the page's, where it has but one, else the visitor's), `open`. Its labels are in `language`, else in the page's
 * (`lang`). They are known in English, German, French, Spanish, Italian, Dutch and Portuguese; `language` is what is
 * talked, too.
 * Events, bubbling: `sales-agent-phase` {phase}, `sales-agent-failure` {code, message}.
 */
export class SalesAgentWidget extends HTMLElement {
  static readonly observedAttributes = ["open"];

  /** Replaces any of the words shown; to be set before the element is put in the page. */
  words: Partial<Words> = {};

  private options: WidgetOptions | null = null;
  private session: Session | null = null;
  private view: View | null = null;
  private launcher: HTMLButtonElement | null = null;
  private frame = 0;
  private onScreen = true;
  private phase = "";
  private undo: (() => void)[] = [];
  private memory: ConversationMemory | null = null;
  private leaving: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    clearTimeout(this.leaving);
    if (!this.session) this.begin();
    if (this.options?.bubble) this.rise();
    this.showOpen();
  }

  /** What only moves within the page comes back before the next task, and its call goes on. */
  disconnectedCallback(): void {
    this.keep();
    this.leaving = setTimeout(() => this.letGo());
  }

  private begin(): void {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styleSheet()];
    this.options = readOptions((name) => this.getAttribute(name), scriptOrigin);
    this.session = this.makeSession(this.options);
    const language = this.options.language ?? this.closest<HTMLElement>("[lang]")?.lang;
    this.view = this.makeView(this.options, { ...wordsIn(language), ...this.words });
    root.replaceChildren(...(this.launcher ? [this.launcher] : []), this.view.panel);
    this.dataset.mode = this.options.bubble ? "bubble" : "inline";
    suitPage(this);
    this.listen();
    this.view.render(this.session.state);
  }

  private letGo(): void {
    for (const undo of this.undo.splice(0)) undo();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.view?.animate(false);
    this.session?.abandon();
    this.session = null;
    this.view = null;
    this.launcher = null;
  }

  attributeChangedCallback(): void {
    if (this.view) this.showOpen();
  }

  /** The conversation as it stands. */
  get state(): ConversationState {
    return this.session?.state ?? initialState;
  }

  get open(): boolean {
    return this.options?.bubble === false || this.hasAttribute("open");
  }

  set open(open: boolean) {
    this.toggleAttribute("open", open);
  }

  /** Microphone on (or off); to be called from a click or key. */
  async toggleTalking(): Promise<void> {
    const session = this.session;
    if (!session) return;
    if (session.state.microphone === "on") session.stopVoice();
    else await session.startVoice();
  }

  /** Says something in writing; false when nothing was taken. */
  send(text: string): boolean {
    return this.session?.send(text) ?? false;
  }

  stop(): void {
    this.session?.stopAgent();
  }

  async end(): Promise<void> {
    await this.session?.end();
  }

  private makeSession(options: WidgetOptions): Session {
    const { server } = options;
    const memory = new ConversationMemory(server, options.agent);
    const before = memory.get();
    this.memory = memory;
    return new Session({
      ...options,
      credentials: (conversationId) => fetchCredentials(options, conversationId),
      askWhyRefused,
      openSocket: (url, protocols) => new WebSocket(url, protocols),
      devices: new BrowserDevices(new URL(WORKLET_PATH, server).href),
      conversationId: before?.id ?? null,
      entries: before?.entries ?? [],
      remember: (conversationId) => memory.set(conversationId),
      onChange: () => this.changed(),
      now: () => performance.now(),
      random: Math.random,
      newId: () => `msg_${crypto.getRandomValues(new Uint32Array(3)).join("").slice(0, 24)}`,
    });
  }

  private makeView(options: WidgetOptions, words: Words): View {
    const heading = options.heading ?? words.heading;
    if (options.bubble) this.launcher = this.makeLauncher(words.open);
    return new View(
      {
        words,
        heading,
        welcome: options.welcome ?? words.welcome,
        bubble: options.bubble,
        showTimings: options.showTimings,
      },
      {
        talk: () => void this.toggleTalking(),
        speaker: () => void this.session?.setSpeaker(!this.state.speakerOn),
        stop: () => this.stop(),
        end: () => void this.end(),
        send: (text) => this.send(text) || this.refuse(text, words),
        retry: () => this.session?.retry(),
        copy: () => this.copy(words),
        startOver: () => void this.session?.startOver(),
        close: () => this.close(),
        levels: () => this.session?.levels ?? { visitor: 0, agent: 0 },
      },
    );
  }

  private makeLauncher(label: string): HTMLButtonElement {
    return iconButton("launcher", icons.chat, label, () => {
      this.open = true;
      this.view?.composer.focus();
    });
  }

  /** Above all of the page, whatever its z-indexes, and out of any box that clips or transforms what is in it. */
  private rise(): void {
    if (typeof this.showPopover !== "function") return;
    this.popover = "manual";
    this.showPopover();
  }

  private refuse(text: string, words: Words): boolean {
    if (text.trim()) this.view?.say(words.tooMany);
    return false;
  }

  private close(): void {
    this.open = false;
    this.launcher?.focus();
  }

  private showOpen(): void {
    const { open, launcher, view } = this;
    if (!view) return;
    if (open) suitPage(this);
    view.panel.hidden = !open;
    if (launcher) launcher.hidden = open;
    this.moveOrb();
  }

  private moveOrb(): void {
    this.view?.animate(this.open && this.onScreen);
  }

  /** One drawing a frame, however many events came. */
  private changed(): void {
    // No frame comes before the tab is seen again; whom the page tells of a call may not wait so long.
    if (document.hidden) this.tell();
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.view?.render(this.state);
      this.tell();
    });
  }

  private tell(): void {
    const phase = phaseOf(this.state);
    if (phase === this.phase) return;
    this.phase = phase;
    this.emit("sales-agent-phase", { phase });
    const { status } = this.state;
    if (status.kind === "failed") {
      this.emit("sales-agent-failure", { code: status.failure.code, message: status.failure.message });
    }
  }

  private emit(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  private listen(): void {
    this.on(this, "keydown", (event) => {
      if (event instanceof KeyboardEvent && event.key === "Escape") this.escape();
    });
    if (this.options?.bubble === false) this.watchScreen();
    this.on(window, "online", () => this.session?.online());
    this.on(window, "pagehide", () => this.session?.abandon());
    // A page that is not seen may be ended without another word.
    for (const name of ["pagehide", "visibilitychange"]) this.on(window, name, () => this.keep());
    if (this.options?.bubble) this.undo.push(aboveKeyboard(this));
  }

  private keep(): void {
    this.memory?.keep(this.state);
  }

  /** An inline widget further down the page need not draw. */
  private watchScreen(): void {
    if (typeof IntersectionObserver === "undefined") return;
    const observer = new IntersectionObserver((entries) => {
      this.onScreen = entries.at(-1)?.isIntersecting ?? true;
      this.moveOrb();
    });
    observer.observe(this);
    this.undo.push(() => observer.disconnect());
  }

  private on(target: EventTarget, name: string, handler: (event: Event) => void): void {
    target.addEventListener(name, handler);
    this.undo.push(() => target.removeEventListener(name, handler));
  }

  /** First the agent is stopped, then the panel closes. */
  private escape(): void {
    if (this.session?.agentBusy) this.stop();
    else if (this.options?.bubble && this.open) this.close();
  }

  private async copy(words: Words): Promise<boolean> {
    try {
      await navigator.clipboard.writeText(
        transcriptText(this.state.entries, { user: words.you, assistant: words.agent }),
      );
      return true;
    } catch {
      return false;
    }
  }
}
