// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { reduce } from "../../src/conversation/reduce";
import { type ConversationState, initialState, type LocalEvent } from "../../src/conversation/state";
import { Failure } from "../../src/realtime/failure";
import type { ServerEvent } from "../../src/realtime/server_events";
import { View, type ViewActions } from "../../src/widget/view";
import { englishWords } from "../../src/widget/words";

const ids = { response_id: "r1", item_id: "a1", output_index: 0, content_index: 0 };
const READY: LocalEvent = { type: "local.status", status: { kind: "ready", resumed: false } };

let actions: { [K in keyof ViewActions]: ReturnType<typeof vi.fn<ViewActions[K]>> };
let view: View;
let state: ConversationState;

beforeEach(() => {
  actions = {
    talk: vi.fn(),
    speaker: vi.fn(),
    stop: vi.fn(),
    end: vi.fn(),
    send: vi.fn(() => true),
    retry: vi.fn(),
    copy: vi.fn(async () => true),
    startOver: vi.fn(),
    close: vi.fn(),
    levels: vi.fn(() => ({ visitor: 0, agent: 0 })),
  };
  const options = { words: englishWords, heading: "Sales", welcome: "Welcome!", bubble: true, showTimings: false };
  view = new View(options, actions);
  document.body.replaceChildren(view.panel);
  state = initialState;
  show();
});

function show(...events: (ServerEvent | LocalEvent)[]): void {
  state = events.reduce(reduce, state);
  view.render(state);
}

function find<T extends HTMLElement = HTMLElement>(selector: string): T {
  const found = view.panel.querySelector<T>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}

const text = (selector: string): string => find(selector).textContent ?? "";

describe("the phase", () => {
  it("is said in words and marked for the style", () => {
    expect(text(".phase-label")).toBe("Ready when you are");
    show(READY, { type: "local.microphone", state: "on" });
    expect(text(".phase-label")).toBe("Listening");
    expect(view.panel.dataset.phase).toBe("listening");
  });

  it("offers the one thing to press", () => {
    expect(find(".start").hidden).toBe(false);
    expect(find(".stop").hidden).toBe(true);
    show(READY, { type: "response.created", response: { id: "r1", status: "in_progress" } });
    expect(find(".start").hidden).toBe(true);
    expect(find(".stop").hidden).toBe(false);
    find(".stop").click();
    expect(actions.stop).toHaveBeenCalledOnce();
  });
});

describe("switches", () => {
  it("tell their state to screen readers", () => {
    expect(find(".orb").getAttribute("aria-label")).toBe(englishWords.startTalking);
    show(READY, { type: "local.microphone", state: "on" }, { type: "local.speaker", on: true });
    for (const selector of [".orb", ".microphone", ".speaker"]) {
      expect(find(selector).getAttribute("aria-pressed")).toBe("true");
    }
    expect(find(".microphone").getAttribute("aria-label")).toBe(englishWords.mute);
    expect(find(".speaker").getAttribute("aria-label")).toBe(englishWords.speakerOff);
  });

  it("cannot be pressed while the browser asks", () => {
    show({ type: "local.microphone", state: "asking" });
    expect(find<HTMLButtonElement>(".microphone").disabled).toBe(true);
    expect(text(".phase-label")).toBe("Connecting");
  });

  it("all have a name", () => {
    for (const button of view.panel.querySelectorAll("button")) {
      expect(button.getAttribute("aria-label") || button.textContent).toBeTruthy();
    }
  });
});

describe("notices", () => {
  it.each([
    ["refused", "The microphone is blocked"],
    ["missing", "No microphone"],
    ["insecure", "secure"],
    ["busy", "Another program"],
    ["lost", "disconnected"],
  ] as const)("when the microphone is %s say so, and that typing goes on", (problem, words) => {
    show(READY, { type: "local.microphone", state: problem });
    expect(text(".notice")).toContain(words);
    expect(text(".notice")).toContain("You can still type");
  });

  it.each([
    ["full", "lines are busy"],
    ["unauthorized", "key is wrong or has expired"],
    ["unreachable", "cannot reach the server"],
  ] as const)("of a connection that is %s offer another try", (kind, words) => {
    show({ type: "local.status", status: { kind: "failed", failure: new Failure(kind, "code", "raw") } });
    expect(text(".notice")).toContain(words);
    find(".retry").click();
    expect(actions.retry).toHaveBeenCalledOnce();
  });

  it("are not there without need", () => {
    expect(find(".notice").hidden).toBe(true);
  });
});

describe("the transcript", () => {
  const reply: ServerEvent[] = [
    { type: "response.output_audio_transcript.delta", delta: "It costs ten dollars.", ...ids },
    { type: "response.output_audio.done", ...ids },
  ];

  it("welcomes first, and then shows what was said", () => {
    expect(find(".welcome").hidden).toBe(false);
    show({ type: "local.typed", id: "m1", text: "Hello" });
    expect(find(".welcome").hidden).toBe(true);
    expect(text(".message.user p")).toContain("Hello");
    expect(text(".message.user .note")).toBe(englishWords.notSent);
  });

  it("marks how far a reply has been heard", () => {
    show(READY, ...reply, { type: "local.audio", item_id: "a1", received_ms: 2_000 });
    expect([text(".said"), text(".rest")]).toEqual(["", "It costs ten dollars."]);
    show({ type: "local.playing", item_id: "a1" }, { type: "local.played", item_id: "a1", played_ms: 800 });
    expect([text(".said"), text(".rest")]).toEqual(["It costs", " ten dollars."]);
    show({ type: "local.played", item_id: "a1", played_ms: 2_000 }, { type: "local.playing", item_id: null });
    expect([text(".said"), text(".rest")]).toEqual(["It costs ten dollars.", ""]);
  });

  it("leaves what was not heard of an interrupted reply apart", () => {
    show(READY, ...reply, { type: "local.audio", item_id: "a1", received_ms: 2_000 });
    show({ type: "local.interrupted", item_id: "a1", played_ms: 800 });
    const item = {
      id: "a1",
      type: "message" as const,
      role: "assistant" as const,
      status: "incomplete" as const,
      content: [{ type: "output_audio" as const, transcript: "It costs ten" }],
    };
    show({ type: "conversation.item.retrieved", item });
    expect([text(".said"), text(".rest"), text(".note")]).toEqual(["It costs ten", " dollars.", "interrupted"]);
  });

  it("keeps the nodes of lines that did not change", () => {
    show({ type: "local.typed", id: "m1", text: "one" });
    const first = find(".message");
    show({ type: "local.typed", id: "m2", text: "two" });
    expect(view.panel.querySelectorAll(".message").length).toBe(2);
    expect(find(".message")).toBe(first);
  });

  it("shows tools and a handoff", () => {
    show(
      READY,
      { type: "sales_agent.tool.started", call_id: "c1", name: "search_crm" },
      { type: "sales_agent.handoff", to: "Maria", message: "Maria will take over." },
    );
    expect(text(".tool")).toBe("Looking up your account");
    expect(text(".handoff")).toBe("Maria will take over.");
  });

  it("names nobody whom the server does not name", () => {
    show(READY, { type: "sales_agent.handoff" });
    expect(text(".handoff")).toBe("A colleague has been asked to join.");
  });

  it("never takes what was said for markup", () => {
    show({ type: "local.typed", id: "m1", text: "<img src=x onerror=alert(1)>" });
    expect(view.panel.querySelector("img")).toBeNull();
  });
});

describe("timings", () => {
  it("are shown on demand: the server's, and what was measured here", () => {
    show(
      READY,
      { type: "response.output_audio_transcript.delta", delta: "Hi", ...ids },
      {
        type: "sales_agent.turn.timings",
        item_id: "a1",
        speech_end_ms: 1_000,
        first_token_ms: 1_180,
        sent_ms: 1_300,
        response_latency_ms: 300,
      },
      { type: "local.measured", item_id: "a1", latency_ms: 311.6 },
    );
    expect(view.panel.querySelector(".timings")).toBeNull();
    find(".timings-toggle").click();
    expect(text(".timings summary")).toBe("Answered in 300 ms by the server · 312 ms at your ear");
    expect([...view.panel.querySelectorAll("dd")].map((node) => node.textContent)).toEqual(["180 ms", "300 ms"]);
    find(".timings-toggle").click();
    expect(view.panel.querySelector(".timings")).toBeNull();
  });
});

describe("screen readers", () => {
  const live = (): string[] =>
    [...view.panel.querySelectorAll('[aria-live="polite"] p')].map((node) => node.textContent ?? "");

  it("hear each utterance once, when it is complete", () => {
    show(READY, { type: "response.output_text.delta", delta: "Hello", ...ids });
    expect(live()).toEqual([]);
    const content = [{ type: "output_text" as const, text: "Hello there." }];
    const item = { id: "a1", type: "message" as const, role: "assistant" as const, content };
    show({ type: "conversation.item.done", item });
    show({ type: "local.speaker", on: true });
    expect(live()).toEqual(["Agent: Hello there."]);
  });

  it("hear what was understood of their speech, and not what they typed", () => {
    show(READY, { type: "local.typed", id: "m1", text: "typed" });
    show({ type: "conversation.item.input_audio_transcription.completed", item_id: "u1", transcript: "spoken" });
    expect(live()).toEqual(["You: spoken"]);
  });
});

describe("the message field", () => {
  const field = (): HTMLTextAreaElement => find("textarea") as HTMLTextAreaElement;
  const press = (key: string, more: KeyboardEventInit = {}): boolean =>
    field().dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true, bubbles: true, ...more }));

  it("sends on Enter and empties itself", () => {
    field().value = "Hello";
    press("Enter");
    expect(actions.send).toHaveBeenCalledWith("Hello");
    expect(field().value).toBe("");
  });

  it("keeps what was not taken", () => {
    actions.send.mockReturnValue(false);
    field().value = "Hello";
    press("Enter");
    expect(field().value).toBe("Hello");
  });

  it("leaves Shift+Enter and the input of composed letters alone", () => {
    field().value = "Hello";
    press("Enter", { shiftKey: true });
    press("Enter", { isComposing: true });
    expect(actions.send).not.toHaveBeenCalled();
  });
});

it("says whether copying worked", async () => {
  show({ type: "local.typed", id: "m1", text: "one" });
  find(".copy").click();
  await vi.waitFor(() => expect(text(".toast")).toBe(englishWords.copied));
  actions.copy.mockResolvedValue(false);
  find(".copy").click();
  await vi.waitFor(() => expect(text(".toast")).toBe(englishWords.copyFailed));
});
