import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Speaker } from "../../src/audio/ports";
import { msToSamples } from "../../src/audio/rates";
import { FakeSpeaker } from "./fake_devices";
import { Bench, DELTA, part, tick } from "./session_bench";

let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
});

afterEach(() => {
  bench.session.abandon();
  vi.useRealTimers();
});

describe("a reply", () => {
  it("is played, and the server told about four times a second and at its end", async () => {
    await bench.talking();
    bench.speak();
    expect(bench.devices.speaker?.calls).toContain(`play a1 ${msToSamples(500)}`);
    for (let ms = 50; ms <= 500; ms += 50) {
      await tick(50);
      bench.position(ms);
    }
    bench.socket.say({ type: "response.output_audio.done", ...part });
    bench.devices.speaker?.report({ kind: "finished", item: "a1", played: msToSamples(500) });
    expect(bench.devices.speaker?.calls).toContain("end a1");
    expect(bench.sent("sales_agent.playback")).toEqual([
      { type: "sales_agent.playback", event_id: "aside", item_id: "a1", audio_ms: 50, final: false },
      { type: "sales_agent.playback", event_id: "aside", item_id: "a1", audio_ms: 300, final: false },
      { type: "sales_agent.playback", event_id: "aside", item_id: "a1", audio_ms: 500, final: true },
    ]);
    expect(bench.session.state.playing).toBeNull();
  });

  it("is cut by the visitor's voice: silence, truncation, and what was heard", async () => {
    await bench.talking();
    bench.speak();
    bench.position(240, 40);
    if (bench.devices.speaker) bench.devices.speaker.played = [{ item: "a1", played: msToSamples(250) }];
    bench.socket.say({ type: "input_audio_buffer.speech_started", item_id: "u1", audio_start_ms: 0 });
    expect(bench.devices.speaker?.calls.at(-1)).toBe("flush");
    await tick();
    const tail = bench.socket.sent.slice(-2);
    expect(tail).toEqual([
      { type: "conversation.item.truncate", event_id: "aside", item_id: "a1", content_index: 0, audio_end_ms: 250 },
      { type: "sales_agent.playback", event_id: "aside", item_id: "a1", audio_ms: 250, final: true },
    ]);
    expect(bench.session.state).toMatchObject({ interrupted: true, playing: null });
  });

  it("that was cut plays nothing of what still comes, and the next one plays", async () => {
    await bench.talking();
    bench.speak();
    bench.socket.say({ type: "input_audio_buffer.speech_started", item_id: "u1", audio_start_ms: 0 });
    await tick();
    const before = bench.devices.speaker?.calls.length;
    bench.socket.say({ type: "response.output_audio.delta", delta: DELTA, ...part });
    expect(bench.devices.speaker?.calls.length).toBe(before);
    bench.socket.say({ type: "response.created", response: { id: "r2", status: "in_progress" } });
    bench.socket.say({ type: "response.output_audio.delta", delta: DELTA, ...part, response_id: "r2", item_id: "a2" });
    expect(bench.devices.speaker?.calls.at(-1)).toBe(`play a2 ${msToSamples(500)}`);
  });

  it("asks what was heard once the truncation stands", async () => {
    await bench.talking();
    bench.socket.say({ type: "conversation.item.truncated", item_id: "a1", content_index: 0, audio_end_ms: 250 });
    expect(bench.socket.sent.at(-1)).toEqual({ type: "conversation.item.retrieve", event_id: "aside", item_id: "a1" });
  });

  it("goes on through speech where the server does not interrupt", async () => {
    await bench.talking();
    const audio = { input: { turn_detection: { type: "semantic_vad" as const, interrupt_response: false } } };
    bench.socket.say({ type: "session.updated", session: { id: "s", type: "realtime", audio } });
    bench.speak();
    bench.socket.say({ type: "input_audio_buffer.speech_started", item_id: "u1", audio_start_ms: 0 });
    expect(bench.devices.speaker?.calls).not.toContain("flush");
  });

  it("is stopped by hand, with a cancellation", async () => {
    await bench.talking();
    bench.speak();
    bench.session.stopAgent();
    await tick();
    expect(bench.sent("response.cancel")).toEqual([{ type: "response.cancel", event_id: "aside", response_id: "r1" }]);
    expect(bench.devices.speaker?.calls.at(-1)).toBe("flush");
    await tick(1_200);
    expect(bench.session.state.interrupted).toBe(false);
  });

  it("is held and released at the server's word", async () => {
    await bench.talking();
    bench.speak();
    bench.socket.say({ type: "sales_agent.playback.pause", item_id: "a1" });
    expect(bench.devices.speaker?.calls.at(-1)).toBe("pause");
    bench.socket.say({ type: "sales_agent.playback.resume", item_id: "a1" });
    expect(bench.devices.speaker?.calls.at(-1)).toBe("resume");
  });

  it("that is held and forgotten goes on by itself", async () => {
    await bench.talking();
    bench.speak();
    bench.socket.say({ type: "sales_agent.playback.pause", item_id: "a1" });
    await tick(3_000);
    expect(bench.devices.speaker?.calls.at(-1)).toBe("resume");
  });

  it("is not held when it is another's turn", async () => {
    await bench.talking();
    bench.speak();
    bench.socket.say({ type: "sales_agent.playback.pause", item_id: "other" });
    expect(bench.devices.speaker?.calls).not.toContain("pause");
  });
});

it("tells the server of a reply that typing cut before the message that cut it", async () => {
  await bench.talking();
  bench.speak();
  bench.socket.say({ type: "response.done", response: { id: "r1", status: "completed" } });
  if (bench.devices.speaker) bench.devices.speaker.played = [{ item: "a1", played: msToSamples(250) }];
  bench.session.send("Stop, something else");
  await tick();
  expect(bench.socket.types().slice(-4)).toEqual([
    "conversation.item.truncate",
    "sales_agent.playback",
    "conversation.item.create",
    "response.create",
  ]);
});

it("asks for audio from the first, however long the speaker takes to open", async () => {
  let open: (speaker: Speaker) => void = () => undefined;
  bench.devices.openSpeaker = () =>
    new Promise((resolve) => {
      open = resolve;
    });
  const started = bench.session.startVoice();
  await tick(500);
  expect(bench.sockets).toEqual([]);
  open(new FakeSpeaker(() => undefined));
  await bench.accept();
  await started;
  expect(bench.socket.sent[0]).toMatchObject({ session: { output_modalities: ["audio"] } });
});

describe("hanging up while things are being opened", () => {
  it("opens no line and lets the speaker go", async () => {
    let open: (speaker: Speaker) => void = () => undefined;
    bench.devices.openSpeaker = () =>
      new Promise((resolve) => {
        open = resolve;
      });
    const started = bench.session.startVoice();
    await tick();
    await bench.session.end();
    const late = new FakeSpeaker(() => undefined);
    open(late);
    await started;
    await tick(1_000);
    expect(bench.sockets).toEqual([]);
    expect(late.calls).toEqual(["close"]);
    expect(bench.session.state).toMatchObject({ speakerOn: false, microphone: "off" });
  });

  it("opens one speaker, however often it is pressed", async () => {
    const opened = vi.spyOn(bench.devices, "openSpeaker");
    await Promise.all([bench.session.setSpeaker(true), bench.session.setSpeaker(true)]);
    expect(opened).toHaveBeenCalledOnce();
  });

  it("tells the server of a switch that came between opening and readiness", async () => {
    bench.session.send("one");
    await tick();
    bench.socket.open();
    await bench.session.setSpeaker(true);
    bench.socket.say({ type: "session.created", session: { id: "s", type: "realtime" } });
    const updates = bench.socket.sent.flatMap((event) =>
      event.type === "session.update" ? [event.session.output_modalities] : [],
    );
    expect(updates).toEqual([["text"], ["audio"]]);
  });
});

describe("latency as it is felt", () => {
  const frame = (endMs: number): void => bench.devices.frame?.({ samples: new Int16Array(480), level: 0.2, endMs });

  it("runs from where the server heard speech end to the first audible sound", async () => {
    await bench.talking();
    for (let endMs = 1_000; endMs <= 1_980; endMs += 20) frame(endMs);
    bench.socket.say({ type: "input_audio_buffer.speech_started", item_id: "u1", audio_start_ms: 0 });
    bench.socket.say({ type: "input_audio_buffer.speech_stopped", item_id: "u1", audio_end_ms: 500 });
    bench.socket.say({ type: "response.output_audio_transcript.delta", delta: "It", ...part });
    bench.devices.speaker?.report({ kind: "audible", item: "a1", atMs: 1_825 });
    expect(bench.session.state.entries.at(-1)).toMatchObject({ id: "a1", measuredMs: 345 });
  });

  it("runs from sending to the first word for what was typed", async () => {
    bench.session.send("one");
    await bench.accept();
    await tick(40);
    bench.socket.say({ type: "response.output_text.delta", delta: "Hi", ...part });
    expect(bench.session.state.entries.at(-1)).toMatchObject({ id: "a1", measuredMs: 40 });
  });

  it("is not claimed for a greeting", async () => {
    await bench.talking();
    frame(1_000);
    bench.speak();
    bench.devices.speaker?.report({ kind: "audible", item: "a1", atMs: 1_825 });
    expect(bench.session.state.entries.at(-1)).toMatchObject({ id: "a1", measuredMs: null });
  });
});
