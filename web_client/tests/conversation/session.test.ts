import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PlayedItem } from "../../src/audio/playback_queue";
import {
  type AudioDevices,
  MicrophoneError,
  type MicrophoneFrame,
  type MicrophoneProblem,
  type Speaker,
  type SpeakerReport,
} from "../../src/audio/ports";
import { msToSamples } from "../../src/audio/rates";
import { Session } from "../../src/conversation/session";
import type { ClientEvent } from "../../src/realtime/client_events";
import { FakeSocket } from "../realtime/fake_socket";

class FakeSpeaker implements Speaker {
  played: PlayedItem[] = [];
  calls: string[] = [];
  constructor(readonly report: (report: SpeakerReport) => void) {}
  play(item: string, samples: Int16Array): void {
    this.calls.push(`play ${item} ${samples.length}`);
  }
  end(item: string): void {
    this.calls.push(`end ${item}`);
  }
  async flush(): Promise<PlayedItem[]> {
    this.calls.push("flush");
    return this.played;
  }
  pause(): void {
    this.calls.push("pause");
  }
  resume(): void {
    this.calls.push("resume");
  }
  mute(muted: boolean): void {
    this.calls.push(`mute ${muted}`);
  }
  close(): void {
    this.calls.push("close");
  }
}

class FakeDevices implements AudioDevices {
  speaker: FakeSpeaker | null = null;
  frame: ((frame: MicrophoneFrame) => void) | null = null;
  lost: (() => void) | null = null;
  problem: MicrophoneProblem | null = null;
  microphoneCalls: string[] = [];
  closed = 0;

  async openSpeaker(report: (report: SpeakerReport) => void): Promise<Speaker> {
    this.speaker = new FakeSpeaker(report);
    return this.speaker;
  }
  async openMicrophone(frame: (frame: MicrophoneFrame) => void, lost: () => void) {
    if (this.problem) throw new MicrophoneError(this.problem);
    this.frame = frame;
    this.lost = lost;
    const call = (name: string) => this.microphoneCalls.push(name);
    return {
      mute: (muted: boolean) => void call(`mute ${muted}`),
      recycle: () => undefined,
      close: () => void call("close"),
    };
  }
  close(): void {
    this.closed++;
  }
}

let devices: FakeDevices;
let sockets: FakeSocket[];
let session: Session;
let remembered: (string | null)[];
let ids = 0;

function make(over: Partial<ConstructorParameters<typeof Session>[0]> = {}): Session {
  return new Session({
    server: "https://sales.example",
    model: "sales-agent",
    credentials: async () => ({ value: "ek_1", url: "/v1/realtime" }),
    askWhyRefused: async () => null,
    openSocket: (url, protocols) => {
      const socket = new FakeSocket(url, protocols);
      sockets.push(socket);
      return socket;
    },
    now: () => performance.now(),
    random: () => 0.5,
    devices,
    greet: true,
    language: null,
    eagerness: "auto",
    conversationId: null,
    remember: (id) => remembered.push(id),
    onChange: () => undefined,
    newId: () => `msg_${++ids}`,
    ...over,
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  devices = new FakeDevices();
  sockets = [];
  remembered = [];
  ids = 0;
  session = make();
});

afterEach(() => {
  session.abandon();
  vi.useRealTimers();
});

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

function socket(): FakeSocket {
  const last = sockets.at(-1);
  if (!last) throw new Error("no socket was opened");
  return last;
}

async function accept(): Promise<void> {
  await tick();
  socket().open();
  socket().say({ type: "session.created", session: { id: "s", type: "realtime" } });
  socket().say({ type: "conversation.created", conversation: { id: "conv_1" } });
}

async function talking(): Promise<void> {
  const started = session.startVoice();
  await accept();
  await started;
}

const sent = (type: string): ClientEvent[] => socket().sent.filter((event) => event.type === type);

/** Half a second of a reply's audio. */
const DELTA = Buffer.from(new Int16Array(msToSamples(500)).buffer).toString("base64");
const part = { response_id: "r1", item_id: "a1", output_index: 0, content_index: 0 };

/** A reply that is being heard. */
function speak(): void {
  socket().say({ type: "response.created", response: { id: "r1", status: "in_progress" } });
  socket().say({ type: "response.output_audio_transcript.delta", delta: "It costs ten.", ...part });
  socket().say({ type: "response.output_audio.delta", delta: DELTA, ...part });
  devices.speaker?.report({ kind: "started", item: "a1" });
}

function position(playedMs: number, pendingMs = 0): void {
  const counts = { played: msToSamples(playedMs), pending: msToSamples(pendingMs) };
  devices.speaker?.report({ kind: "position", item: "a1", ...counts, level: 0.1, underruns: 0 });
}

describe("typing", () => {
  it("connects for text, sends the message and asks for an answer", async () => {
    expect(session.send("  Hello ")).toBe(true);
    await accept();
    expect(socket().sent[0]).toMatchObject({ type: "session.update", session: { output_modalities: ["text"] } });
    expect(sent("conversation.item.create")).toEqual([
      {
        type: "conversation.item.create",
        event_id: "msg_1",
        item: { id: "msg_1", type: "message", role: "user", content: [{ type: "input_text", text: "Hello" }] },
      },
    ]);
    expect(socket().types().at(-1)).toBe("response.create");
  });

  it("takes nothing empty, and no more than can wait", () => {
    expect(session.send("   ")).toBe(false);
    const taken = Array.from({ length: 21 }, (_, i) => session.send(`message ${i}`));
    expect(taken.filter(Boolean).length).toBe(20);
  });

  it("sends several waiting messages but asks once", async () => {
    session.send("one");
    session.send("two");
    await accept();
    expect(sent("conversation.item.create").length).toBe(2);
    expect(sent("response.create").length).toBe(1);
  });

  it("while the agent answers cuts in, and asks again when that response is closed", async () => {
    session.send("one");
    await accept();
    socket().say({ type: "response.created", response: { id: "r1", status: "in_progress" } });
    session.send("two");
    await tick();
    expect(sent("response.cancel")).toEqual([{ type: "response.cancel", event_id: "aside", response_id: "r1" }]);
    expect(sent("response.create").length).toBe(1);
    socket().say({ type: "response.done", response: { id: "r1", status: "cancelled" } });
    expect(sent("response.create").length).toBe(2);
  });

  it("asks again even when the cancelled response is never closed", async () => {
    session.send("one");
    await accept();
    socket().say({ type: "response.created", response: { id: "r1", status: "in_progress" } });
    session.send("two");
    await tick(3_000);
    expect(sent("response.create").length).toBe(2);
  });
});

describe("talking", () => {
  it("opens microphone and speaker, asks for audio, and lets the agent greet", async () => {
    await talking();
    expect(session.state).toMatchObject({ microphone: "on", speakerOn: true });
    expect(socket().sent[0]).toMatchObject({ session: { output_modalities: ["audio"] } });
    expect(sent("response.create").length).toBe(1);
  });

  it("does not greet where that is not wanted, or something was said", async () => {
    session = make({ greet: false });
    await talking();
    expect(sent("response.create").length).toBe(0);
  });

  it("sends frames as they come, those from before the connection too", async () => {
    const started = session.startVoice();
    await tick();
    const frame = (): MicrophoneFrame => ({ samples: new Int16Array(480), level: 0.1, endMs: performance.now() });
    devices.frame?.(frame());
    await accept();
    await started;
    devices.frame?.(frame());
    const appended = sent("input_audio_buffer.append");
    expect(appended.length).toBe(2);
    expect(appended[0]).toEqual({ type: "input_audio_buffer.append", audio: "A".repeat(1_280) });
  });

  it("after muting sends silence for a while, then lets the microphone go", async () => {
    await talking();
    session.stopVoice();
    expect(session.state.microphone).toBe("off");
    expect(devices.microphoneCalls).toEqual(["mute true"]);
    await tick(1_500);
    expect(devices.microphoneCalls).toEqual(["mute true", "close"]);
  });

  it("can be muted and unmuted without asking anew", async () => {
    await talking();
    session.stopVoice();
    await session.startVoice();
    await tick(5_000);
    expect(devices.microphoneCalls).toEqual(["mute true", "mute false"]);
    expect(session.state.microphone).toBe("on");
  });

  it.each(["refused", "missing", "busy", "insecure"] as const)("goes on in writing when it is %s", async (problem) => {
    devices.problem = problem;
    await talking();
    expect(session.state.microphone).toBe(problem);
    expect(session.send("Then I type")).toBe(true);
    expect(sent("conversation.item.create").length).toBe(1);
  });

  it("says when the microphone is unplugged", async () => {
    await talking();
    devices.lost?.();
    expect(session.state.microphone).toBe("lost");
  });

  it("lets the microphone go when the line is lost for good", async () => {
    await talking();
    socket().say({ type: "error", error: { type: "x", code: "invalid_api_key", message: "…" } });
    socket().drop();
    await tick();
    expect(session.state.status.kind).toBe("failed");
    expect(devices.microphoneCalls).toContain("close");
  });

  it("asks for text once the speaker is off", async () => {
    await talking();
    await session.setSpeaker(false);
    expect(socket().sent.at(-1)).toEqual({
      type: "session.update",
      session: { type: "realtime", output_modalities: ["text"] },
    });
    expect(devices.speaker?.calls.at(-1)).toBe("mute true");
  });
});

describe("a reply", () => {
  it("is played, and the server told about four times a second and at its end", async () => {
    await talking();
    speak();
    expect(devices.speaker?.calls).toContain(`play a1 ${msToSamples(500)}`);
    for (let ms = 50; ms <= 500; ms += 50) {
      await tick(50);
      position(ms);
    }
    socket().say({ type: "response.output_audio.done", ...part });
    devices.speaker?.report({ kind: "finished", item: "a1", played: msToSamples(500) });
    expect(devices.speaker?.calls).toContain("end a1");
    expect(sent("sales_agent.playback")).toEqual([
      { type: "sales_agent.playback", event_id: "aside", item_id: "a1", audio_ms: 50, final: false },
      { type: "sales_agent.playback", event_id: "aside", item_id: "a1", audio_ms: 300, final: false },
      { type: "sales_agent.playback", event_id: "aside", item_id: "a1", audio_ms: 500, final: true },
    ]);
    expect(session.state.playing).toBeNull();
  });

  it("is cut by the visitor's voice: silence, truncation, and what was heard", async () => {
    await talking();
    speak();
    position(240, 40);
    if (devices.speaker) devices.speaker.played = [{ item: "a1", played: msToSamples(250) }];
    socket().say({ type: "input_audio_buffer.speech_started", item_id: "u1", audio_start_ms: 0 });
    expect(devices.speaker?.calls.at(-1)).toBe("flush");
    await tick();
    const tail = socket().sent.slice(-2);
    expect(tail).toEqual([
      { type: "conversation.item.truncate", event_id: "aside", item_id: "a1", content_index: 0, audio_end_ms: 250 },
      { type: "sales_agent.playback", event_id: "aside", item_id: "a1", audio_ms: 250, final: true },
    ]);
    expect(session.state).toMatchObject({ interrupted: true, playing: null });
  });

  it("that was cut plays nothing of what still comes, and the next one plays", async () => {
    await talking();
    speak();
    socket().say({ type: "input_audio_buffer.speech_started", item_id: "u1", audio_start_ms: 0 });
    await tick();
    const before = devices.speaker?.calls.length;
    socket().say({ type: "response.output_audio.delta", delta: DELTA, ...part });
    expect(devices.speaker?.calls.length).toBe(before);
    socket().say({ type: "response.created", response: { id: "r2", status: "in_progress" } });
    socket().say({ type: "response.output_audio.delta", delta: DELTA, ...part, response_id: "r2", item_id: "a2" });
    expect(devices.speaker?.calls.at(-1)).toBe(`play a2 ${msToSamples(500)}`);
  });

  it("asks what was heard once the truncation stands", async () => {
    await talking();
    socket().say({ type: "conversation.item.truncated", item_id: "a1", content_index: 0, audio_end_ms: 250 });
    expect(socket().sent.at(-1)).toEqual({ type: "conversation.item.retrieve", event_id: "aside", item_id: "a1" });
  });

  it("goes on through speech where the server does not interrupt", async () => {
    await talking();
    const audio = { input: { turn_detection: { type: "semantic_vad" as const, interrupt_response: false } } };
    socket().say({ type: "session.updated", session: { id: "s", type: "realtime", audio } });
    speak();
    socket().say({ type: "input_audio_buffer.speech_started", item_id: "u1", audio_start_ms: 0 });
    expect(devices.speaker?.calls).not.toContain("flush");
  });

  it("is stopped by hand, with a cancellation", async () => {
    await talking();
    speak();
    session.stopAgent();
    await tick();
    expect(sent("response.cancel")).toEqual([{ type: "response.cancel", event_id: "aside", response_id: "r1" }]);
    expect(devices.speaker?.calls.at(-1)).toBe("flush");
    await tick(1_200);
    expect(session.state.interrupted).toBe(false);
  });

  it("is held and released at the server's word", async () => {
    await talking();
    speak();
    socket().say({ type: "sales_agent.playback.pause", item_id: "a1" });
    expect(devices.speaker?.calls.at(-1)).toBe("pause");
    socket().say({ type: "sales_agent.playback.resume", item_id: "a1" });
    expect(devices.speaker?.calls.at(-1)).toBe("resume");
  });

  it("that is held and forgotten goes on by itself", async () => {
    await talking();
    speak();
    socket().say({ type: "sales_agent.playback.pause", item_id: "a1" });
    await tick(3_000);
    expect(devices.speaker?.calls.at(-1)).toBe("resume");
  });

  it("is not held when it is another's turn", async () => {
    await talking();
    speak();
    socket().say({ type: "sales_agent.playback.pause", item_id: "other" });
    expect(devices.speaker?.calls).not.toContain("pause");
  });
});

it("tells the server of a reply that typing cut before the message that cut it", async () => {
  await talking();
  speak();
  socket().say({ type: "response.done", response: { id: "r1", status: "completed" } });
  if (devices.speaker) devices.speaker.played = [{ item: "a1", played: msToSamples(250) }];
  session.send("Stop, something else");
  await tick();
  expect(socket().types().slice(-4)).toEqual([
    "conversation.item.truncate",
    "sales_agent.playback",
    "conversation.item.create",
    "response.create",
  ]);
});

it("asks for audio from the first, however long the speaker takes to open", async () => {
  let open: (speaker: Speaker) => void = () => undefined;
  devices.openSpeaker = () =>
    new Promise((resolve) => {
      open = resolve;
    });
  const started = session.startVoice();
  await tick(500);
  expect(sockets).toEqual([]);
  open(new FakeSpeaker(() => undefined));
  await accept();
  await started;
  expect(socket().sent[0]).toMatchObject({ session: { output_modalities: ["audio"] } });
});

describe("hanging up while things are being opened", () => {
  it("opens no line and lets the speaker go", async () => {
    let open: (speaker: Speaker) => void = () => undefined;
    devices.openSpeaker = () =>
      new Promise((resolve) => {
        open = resolve;
      });
    const started = session.startVoice();
    await tick();
    await session.end();
    const late = new FakeSpeaker(() => undefined);
    open(late);
    await started;
    await tick(1_000);
    expect(sockets).toEqual([]);
    expect(late.calls).toEqual(["close"]);
    expect(session.state).toMatchObject({ speakerOn: false, microphone: "off" });
  });

  it("opens one speaker, however often it is pressed", async () => {
    const opened = vi.spyOn(devices, "openSpeaker");
    await Promise.all([session.setSpeaker(true), session.setSpeaker(true)]);
    expect(opened).toHaveBeenCalledOnce();
  });

  it("tells the server of a switch that came between opening and readiness", async () => {
    session.send("one");
    await tick();
    socket().open();
    await session.setSpeaker(true);
    socket().say({ type: "session.created", session: { id: "s", type: "realtime" } });
    const updates = socket().sent.flatMap((event) =>
      event.type === "session.update" ? [event.session.output_modalities] : [],
    );
    expect(updates).toEqual([["text"], ["audio"]]);
  });
});

describe("latency as it is felt", () => {
  const frame = (endMs: number): void => devices.frame?.({ samples: new Int16Array(480), level: 0.2, endMs });

  it("runs from where the server heard speech end to the first audible sound", async () => {
    await talking();
    for (let endMs = 1_000; endMs <= 1_980; endMs += 20) frame(endMs);
    socket().say({ type: "input_audio_buffer.speech_started", item_id: "u1", audio_start_ms: 0 });
    socket().say({ type: "input_audio_buffer.speech_stopped", item_id: "u1", audio_end_ms: 500 });
    socket().say({ type: "response.output_audio_transcript.delta", delta: "It", ...part });
    devices.speaker?.report({ kind: "audible", item: "a1", atMs: 1_825 });
    expect(session.state.entries.at(-1)).toMatchObject({ id: "a1", measuredMs: 345 });
  });

  it("runs from sending to the first word for what was typed", async () => {
    session.send("one");
    await accept();
    await tick(40);
    socket().say({ type: "response.output_text.delta", delta: "Hi", ...part });
    expect(session.state.entries.at(-1)).toMatchObject({ id: "a1", measuredMs: 40 });
  });

  it("is not claimed for a greeting", async () => {
    await talking();
    frame(1_000);
    speak();
    devices.speaker?.report({ kind: "audible", item: "a1", atMs: 1_825 });
    expect(session.state.entries.at(-1)).toMatchObject({ id: "a1", measuredMs: null });
  });
});

describe("the line breaks", () => {
  async function resume(items: [] = []): Promise<void> {
    await tick(1_000);
    socket().open();
    socket().say({ type: "session.created", session: { id: "s", type: "realtime" } });
    socket().say({ type: "sales_agent.conversation.resumed", conversation_id: "conv_1", items });
  }

  it("continues the conversation, and sends what the server never got under the same id", async () => {
    session.send("one");
    await accept();
    socket().drop();
    await resume();
    expect(socket().url).toContain("conversation=conv_1");
    expect(sent("conversation.item.create")).toMatchObject([{ item: { id: "msg_1" } }]);
    expect(sent("response.create").length).toBe(1);
  });

  it("asks again for an answer that had not begun", async () => {
    session.send("one");
    await accept();
    const item = {
      id: "msg_1",
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: "one" }],
    } as const;
    socket().say({ type: "conversation.item.added", item: { ...item, content: [...item.content] } });
    socket().drop();
    await resume();
    expect(sent("conversation.item.create").length).toBe(0);
    expect(sent("response.create").length).toBe(1);
  });

  it("does not greet a second time", async () => {
    await talking();
    speak();
    socket().drop();
    await resume();
    expect(sent("response.create").length).toBe(0);
  });

  it("tells what was played meanwhile", async () => {
    await talking();
    speak();
    socket().drop();
    devices.speaker?.report({ kind: "finished", item: "a1", played: msToSamples(500) });
    await resume();
    expect(sent("sales_agent.playback")).toEqual([
      { type: "sales_agent.playback", event_id: "aside", item_id: "a1", audio_ms: 500, final: true },
    ]);
  });
});

describe("remembering", () => {
  it("keeps the conversation for the next time, until it is started over", async () => {
    session.send("one");
    await accept();
    expect(remembered).toEqual(["conv_1"]);
    await session.startOver();
    expect(remembered).toEqual(["conv_1", null]);
    expect(session.state.entries).toEqual([]);
  });

  it("continues a conversation of before", async () => {
    session = make({ conversationId: "conv_0" });
    session.send("back again");
    await tick();
    expect(socket().url).toContain("conversation=conv_0");
  });

  it("hangs up with a last word on what was heard, and can go on", async () => {
    await talking();
    speak();
    if (devices.speaker) devices.speaker.played = [{ item: "a1", played: msToSamples(100) }];
    const line = socket();
    await session.end();
    expect(line.types().slice(-2)).toEqual(["conversation.item.truncate", "sales_agent.playback"]);
    expect(line.closed).toBe(true);
    expect(devices.closed).toBe(1);
    expect(session.state).toMatchObject({ status: { kind: "idle" }, microphone: "off", speakerOn: false });
    session.send("one more thing");
    await tick();
    expect(socket().url).toContain("conversation=conv_1");
  });
});
