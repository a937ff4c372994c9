import { describe, expect, it } from "vitest";
import { phaseOf } from "../../src/conversation/phase";
import { reduce } from "../../src/conversation/reduce";
import { type ConversationState, initialState, type LocalEvent, type Message } from "../../src/conversation/state";
import type { MessageItem } from "../../src/realtime/items";
import type { ServerEvent } from "../../src/realtime/server_events";

type Event = ServerEvent | LocalEvent;

const READY: LocalEvent = { type: "local.status", status: { kind: "ready", resumed: false } };
const ids = (item_id: string) => ({ response_id: "r1", item_id, output_index: 0, content_index: 0 });

const run = (events: Event[], from: ConversationState = reduce(initialState, READY)): ConversationState =>
  events.reduce(reduce, from);

function message(state: ConversationState, id: string): Message {
  const found = state.entries.find((entry) => entry.id === id);
  if (found?.kind !== "message") throw new Error(`no message ${id}`);
  return found;
}

const order = (state: ConversationState): string[] => state.entries.map(({ id }) => id);

function userAudio(id: string, transcript: string | null = null): MessageItem {
  return { type: "message", id, role: "user", status: "completed", content: [{ type: "input_audio", transcript }] };
}

function reply(id: string, text: string, status: MessageItem["status"] = "completed"): MessageItem {
  return { type: "message", id, role: "assistant", status, content: [{ type: "output_audio", transcript: text }] };
}

/** A spoken turn and its spoken answer, in the order of the protocol. */
const VOICE_TURN: Event[] = [
  { type: "input_audio_buffer.speech_started", item_id: "u1", audio_start_ms: 0 },
  { type: "conversation.item.input_audio_transcription.delta", item_id: "u1", delta: "How much" },
  { type: "input_audio_buffer.speech_stopped", item_id: "u1", audio_end_ms: 900 },
  { type: "input_audio_buffer.committed", item_id: "u1" },
  { type: "conversation.item.added", item: userAudio("u1"), previous_item_id: null },
  { type: "conversation.item.done", item: userAudio("u1"), previous_item_id: null },
  { type: "response.created", response: { id: "r1", status: "in_progress" } },
  { type: "response.output_item.added", response_id: "r1", item: { ...reply("a1", ""), content: [] } },
  { type: "conversation.item.added", item: { ...reply("a1", "", "in_progress"), content: [] }, previous_item_id: "u1" },
  { type: "response.output_audio_transcript.delta", delta: "It is ", ...ids("a1") },
  { type: "conversation.item.input_audio_transcription.completed", item_id: "u1", transcript: "How much is it?" },
  { type: "response.output_audio_transcript.delta", delta: "ten.", ...ids("a1") },
  { type: "response.output_audio.done", ...ids("a1") },
  { type: "response.output_audio_transcript.done", transcript: "It is ten.", ...ids("a1") },
  { type: "conversation.item.done", item: reply("a1", "It is ten."), previous_item_id: "u1" },
  { type: "response.done", response: { id: "r1", status: "completed" } },
];

describe("a spoken turn", () => {
  it("ends with both sides' words", () => {
    const state = run(VOICE_TURN);
    expect(order(state)).toEqual(["u1", "a1"]);
    expect(message(state, "u1")).toMatchObject({ text: "How much is it?", status: "done", spoken: true });
    expect(message(state, "a1")).toMatchObject({ text: "It is ten.", status: "done", audioDone: true });
  });

  it("goes through the phases", () => {
    const phases: string[] = [];
    let state = reduce(run([]), { type: "local.microphone", state: "on" });
    for (const event of VOICE_TURN) {
      state = reduce(state, event);
      if (phases.at(-1) !== phaseOf(state)) phases.push(phaseOf(state));
    }
    expect(phases).toEqual(["listening", "thinking", "listening"]);
    expect(phaseOf(reduce(state, { type: "local.playing", item_id: "a1" }))).toBe("speaking");
  });

  it("comes out the same when the transcription is late", () => {
    const late = VOICE_TURN.filter(({ type }) => type.endsWith("completed"));
    const rest = VOICE_TURN.filter(({ type }) => !type.endsWith("completed"));
    expect(run([...rest, ...late]).entries).toEqual(run(VOICE_TURN).entries);
  });

  it("comes out the same when every event comes twice but the deltas", () => {
    const twice = VOICE_TURN.flatMap((event) => (event.type.endsWith("delta") ? [event] : [event, event]));
    expect(run(twice).entries).toEqual(run(VOICE_TURN).entries);
  });

  it("needs no announcement to show words", () => {
    const state = run([
      { type: "response.output_audio_transcript.delta", delta: "Hello", ...ids("a9") },
      { type: "conversation.item.input_audio_transcription.completed", item_id: "u9", transcript: "Hi" },
    ]);
    expect(message(state, "a9")).toMatchObject({ role: "assistant", text: "Hello" });
    expect(message(state, "u9")).toMatchObject({ role: "user", text: "Hi", status: "done" });
  });

  it("leaves no line for what turned out to be noise", () => {
    const state = run([
      { type: "input_audio_buffer.speech_started", item_id: "u1", audio_start_ms: 0 },
      { type: "conversation.item.input_audio_transcription.completed", item_id: "u1", transcript: " " },
    ]);
    expect(state.entries).toEqual([]);
  });

  it("says so when it was not understood", () => {
    const state = run([
      { type: "input_audio_buffer.speech_started", item_id: "u1", audio_start_ms: 0 },
      { type: "conversation.item.input_audio_transcription.failed", item_id: "u1", error: { message: "…" } },
    ]);
    expect(message(state, "u1").status).toBe("failed");
  });

  it("lets a recogniser revise what it had heard", () => {
    const state = run([
      { type: "conversation.item.input_audio_transcription.delta", item_id: "u1", delta: "How mud" },
      { type: "sales_agent.transcript.interim", item_id: "u1", text: "How much" },
    ]);
    expect(message(state, "u1").text).toBe("How much");
  });
});

describe("order", () => {
  it("follows previous_item_id, not arrival", () => {
    const state = run([
      { type: "conversation.item.added", item: userAudio("u1", "one"), previous_item_id: null },
      { type: "conversation.item.added", item: reply("a1", "two"), previous_item_id: "u1" },
      { type: "conversation.item.added", item: userAudio("u0", "between"), previous_item_id: "u1" },
    ]);
    expect(order(state)).toEqual(["u1", "u0", "a1"]);
  });

  it("puts a reply behind the tools that were used for it", () => {
    const state = run([
      { type: "conversation.item.added", item: userAudio("u1", "one"), previous_item_id: null },
      { type: "sales_agent.tool.started", call_id: "c1", name: "search_crm" },
      { type: "conversation.item.added", item: reply("a1", ""), previous_item_id: "u1" },
    ]);
    expect(order(state)).toEqual(["u1", "c1", "a1"]);
  });

  it("appends what follows something unknown", () => {
    const state = run([
      { type: "conversation.item.added", item: userAudio("u1", "one"), previous_item_id: null },
      { type: "conversation.item.added", item: reply("a1", "two"), previous_item_id: "fc1" },
    ]);
    expect(order(state)).toEqual(["u1", "a1"]);
  });
});

describe("an interruption", () => {
  const speaking: Event[] = [
    ...VOICE_TURN.slice(0, 12),
    { type: "local.playing", item_id: "a1" },
    { type: "input_audio_buffer.speech_started", item_id: "u2", audio_start_ms: 0 },
    { type: "local.interrupted", item_id: "a1", played_ms: 400 },
  ];

  it("cuts the reply where it was heard, and says so", () => {
    const state = run(speaking);
    expect(message(state, "a1")).toMatchObject({ status: "incomplete", playedMs: 400, text: "It is ten." });
    expect(phaseOf(state)).toBe("interrupted");
  });

  it("takes no further words of the cut reply", () => {
    const state = run([
      ...speaking,
      { type: "response.output_audio_transcript.delta", delta: " More.", ...ids("a1") },
      { type: "response.output_audio_transcript.done", transcript: "It is ten. More.", ...ids("a1") },
      { type: "conversation.item.done", item: reply("a1", "It is", "incomplete"), previous_item_id: "u1" },
      { type: "response.done", response: { id: "r1", status: "cancelled" } },
    ]);
    expect(message(state, "a1")).toMatchObject({ text: "It is ten.", status: "incomplete", heardText: null });
    expect(state.response).toBeNull();
  });

  it("shows what the server holds to have been heard", () => {
    const state = run([
      ...speaking,
      { type: "conversation.item.truncated", item_id: "a1", content_index: 0, audio_end_ms: 380 },
      { type: "conversation.item.retrieved", item: reply("a1", "It is", "incomplete") },
    ]);
    expect(message(state, "a1")).toMatchObject({ heardText: "It is", playedMs: 380 });
  });

  it("is over when the visitor has finished", () => {
    const state = run([...speaking, { type: "input_audio_buffer.speech_stopped", item_id: "u2", audio_end_ms: 1 }]);
    expect(phaseOf(state)).toBe("thinking");
  });

  it("that was none shows neither speaking nor interrupted while it is being decided", () => {
    const held = run([
      { type: "local.microphone", state: "on" },
      ...VOICE_TURN,
      { type: "local.playing", item_id: "a1" },
      { type: "sales_agent.playback.pause", item_id: "a1" },
    ]);
    expect(phaseOf(held)).toBe("listening");
    expect(phaseOf(reduce(held, { type: "sales_agent.playback.resume", item_id: "a1" }))).toBe("speaking");
  });
});

it("does not send again what the server would not take", () => {
  const typed: Event[] = [
    { type: "local.typed", id: "m1", text: "one" },
    { type: "local.typed", id: "m2", text: "two" },
  ];
  const error = { type: "invalid_request_error", message: "…" };
  const state = run([
    ...typed,
    { type: "error", error: { ...error, code: "invalid_value", event_id: "m1" } },
    { type: "error", error: { ...error, code: "duplicate_item", event_id: "m2" } },
  ]);
  expect([message(state, "m1").status, message(state, "m2").status]).toEqual(["failed", "done"]);
});

describe("a typed turn", () => {
  const typed: LocalEvent = { type: "local.typed", id: "m1", text: "Hello" };
  const item: MessageItem = {
    type: "message",
    id: "m1",
    role: "user",
    status: "completed",
    content: [{ type: "input_text", text: "Hello" }],
  };

  it("is pending until the server shows it", () => {
    const pending = run([typed]);
    expect(message(pending, "m1").status).toBe("pending");
    expect(phaseOf(pending)).toBe("thinking");
    const shown = run(
      [
        { type: "conversation.item.added", item },
        { type: "conversation.item.done", item },
      ],
      pending,
    );
    expect(message(shown, "m1").status).toBe("done");
    expect(order(shown)).toEqual(["m1"]);
  });

  it("is answered in text", () => {
    const state = run([
      typed,
      { type: "response.created", response: { id: "r1", status: "in_progress" } },
      { type: "response.output_text.delta", delta: "Hi ", ...ids("a1") },
      { type: "response.output_text.delta", delta: "there", ...ids("a1") },
      { type: "response.output_text.done", text: "Hi there", ...ids("a1") },
    ]);
    expect(message(state, "a1")).toMatchObject({ text: "Hi there", spoken: false });
  });
});

describe("losing and finding the line", () => {
  const LOST: LocalEvent = { type: "local.status", status: { kind: "reconnecting", attempt: 1, waitMs: 1 } };

  it("ends what was in progress", () => {
    const state = run([
      ...VOICE_TURN.slice(0, 10),
      { type: "sales_agent.tool.started", call_id: "c1", name: "search_web" },
      LOST,
    ]);
    expect(message(state, "a1").status).toBe("incomplete");
    expect(state.entries.at(-1)).toMatchObject({ id: "c1", status: "cancelled" });
    expect(state).toMatchObject({ response: null, awaiting: false, userSpeaking: false });
    expect(phaseOf(state)).toBe("reconnecting");
  });

  it("takes over the server's items and keeps what is still to be sent", () => {
    const state = run([
      ...VOICE_TURN,
      LOST,
      { type: "local.typed", id: "m1", text: "Still there?" },
      {
        type: "sales_agent.conversation.resumed",
        conversation_id: "conv_1",
        items: [userAudio("u1", "How much is it?"), reply("a1", "It is ten."), userAudio("u2", "And yearly?")],
      },
    ]);
    expect(order(state)).toEqual(["u1", "a1", "u2", "m1"]);
    expect(message(state, "m1").status).toBe("pending");
    expect(state.conversationId).toBe("conv_1");
  });

  it("does not send again what the server already has", () => {
    const items: MessageItem[] = [
      {
        type: "message",
        id: "m1",
        role: "user",
        status: "completed",
        content: [{ type: "input_text", text: "Hello" }],
      },
    ];
    const state = run([
      { type: "local.typed", id: "m1", text: "Hello" },
      { type: "sales_agent.conversation.resumed", conversation_id: "c", items },
    ]);
    expect(state.entries).toMatchObject([{ id: "m1", status: "done" }]);
  });

  it("drops lines that never got a word", () => {
    const state = run([
      { type: "input_audio_buffer.speech_started", item_id: "u1", audio_start_ms: 0 },
      LOST,
      { type: "sales_agent.conversation.resumed", conversation_id: "c", items: [] },
    ]);
    expect(state.entries).toEqual([]);
  });
});

it("says when a new conversation had to be started, before what is still to be sent", () => {
  const state = run([
    { type: "conversation.created", conversation: { id: "conv_1" } },
    ...VOICE_TURN,
    { type: "local.typed", id: "m1", text: "Still there?" },
    { type: "conversation.created", conversation: { id: "conv_2" } },
  ]);
  expect(order(state)).toEqual(["u1", "a1", "restart_conv_2", "m1"]);
  expect(state.conversationId).toBe("conv_2");
});

describe("what this server adds", () => {
  it("is attached to its message", () => {
    const state = run([
      ...VOICE_TURN,
      { type: "sales_agent.turn.timings", item_id: "a1", speech_end_ms: 100, response_latency_ms: 310 },
      { type: "sales_agent.intent", item_id: "u1", intent: "pricing", confidence: 0.9 },
      { type: "local.measured", item_id: "a1", latency_ms: 318 },
      { type: "sales_agent.transcript.words", item_id: "a1", words: [{ text: "It", start_ms: 0, end_ms: 90 }] },
    ]);
    expect(message(state, "a1")).toMatchObject({
      timings: { speech_end_ms: 100, response_latency_ms: 310 },
      measuredMs: 318,
      words: [{ text: "It" }],
    });
    expect(message(state, "u1").intent).toBe("pricing");
  });

  it("shows tools and a handoff as lines of their own", () => {
    const state = run([
      { type: "sales_agent.tool.started", call_id: "c1", name: "search_crm" },
      { type: "sales_agent.tool.finished", call_id: "c1", name: "search_crm", failed: true, latency_ms: 5 },
      { type: "sales_agent.handoff", to: "Maria", reason: "wants_person" },
    ]);
    expect(state.entries).toMatchObject([
      { kind: "tool", name: "search_crm", status: "failed" },
      { kind: "handoff", to: "Maria" },
    ]);
    expect(run([{ type: "sales_agent.handoff" }]).entries).toMatchObject([{ kind: "handoff", to: null }]);
  });
});

describe("errors", () => {
  const error = (code: string): ServerEvent => ({
    type: "error",
    error: { type: "invalid_request_error", code, message: "…" },
  });

  it("are shown, unless they say what had happened anyway", () => {
    expect(run([error("provider_failed")]).problem?.code).toBe("provider_failed");
    expect(run([error("duplicate_item")]).problem).toBeNull();
  });

  it("are not shown when nothing the visitor did caused them", () => {
    const aside = { type: "invalid_request_error", code: "unknown_item", message: "…", event_id: "aside" };
    expect(run([{ type: "error", error: aside }]).problem).toBeNull();
  });

  it("of a response are shown, and go away with the next turn", () => {
    const failed = run([
      {
        type: "response.done",
        response: { id: "r1", status: "failed", status_details: { error: { code: "x", message: "…" } } },
      },
    ]);
    expect(failed.problem?.code).toBe("x");
    expect(run([{ type: "local.typed", id: "m", text: "again" }], failed).problem).toBeNull();
  });
});

it("changes nothing for unknown events", () => {
  const state = run(VOICE_TURN);
  expect(reduce(state, { type: "rate_limits.updated" } as unknown as ServerEvent)).toBe(state);
});

it("tells that a person has joined, whose words are whose, and that they left", () => {
  const operator = (name: string | null): ServerEvent => ({
    type: "sales_agent.operator",
    present: name !== null,
    name,
  });
  const said = (id: string): ServerEvent => ({
    type: "response.output_item.added",
    response_id: "r1",
    item: reply(id, "", "in_progress"),
  });
  const resumed: ServerEvent = { type: "sales_agent.conversation.resumed", conversation_id: "conv_1", items: [] };
  const state = run([
    said("a1"),
    operator("Maria"),
    said("a2"),
    resumed,
    operator("Maria"),
    operator(null),
    said("a3"),
  ]);
  expect(state.entries.filter(({ kind }) => kind === "presence")).toMatchObject([
    { name: "Maria", present: true },
    { name: "Maria", present: false },
  ]);
  expect(message(run([said("a1"), operator("Maria"), said("a2")]), "a2").by).toBe("Maria");
  expect(message(run([said("a1"), operator("Maria")]), "a1").by).toBeNull();
  expect(state.operator).toBeNull();
});
