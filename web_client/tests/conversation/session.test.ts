import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MicrophoneFrame } from "../../src/audio/ports";
import { msToSamples } from "../../src/audio/rates";
import { newMessage } from "../../src/conversation/entries";
import { Bench, tick } from "./session_bench";

let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
});

afterEach(() => {
  bench.session.abandon();
  vi.useRealTimers();
});

describe("typing", () => {
  it("connects for text, sends the message and asks for an answer", async () => {
    expect(bench.session.send("  Hello ")).toBe(true);
    await bench.accept();
    expect(bench.socket.sent[0]).toMatchObject({ type: "session.update", session: { output_modalities: ["text"] } });
    expect(bench.sent("conversation.item.create")).toEqual([
      {
        type: "conversation.item.create",
        event_id: "msg_1",
        item: { id: "msg_1", type: "message", role: "user", content: [{ type: "input_text", text: "Hello" }] },
      },
    ]);
    expect(bench.socket.types().at(-1)).toBe("response.create");
  });

  it("takes nothing empty, and no more than can wait", () => {
    expect(bench.session.send("   ")).toBe(false);
    const taken = Array.from({ length: 21 }, (_, i) => bench.session.send(`message ${i}`));
    expect(taken.filter(Boolean).length).toBe(20);
  });

  it("sends several waiting messages but asks once", async () => {
    bench.session.send("one");
    bench.session.send("two");
    await bench.accept();
    expect(bench.sent("conversation.item.create").length).toBe(2);
    expect(bench.sent("response.create").length).toBe(1);
  });

  it("while the agent answers cuts in, and asks again when that response is closed", async () => {
    bench.session.send("one");
    await bench.accept();
    bench.socket.say({ type: "response.created", response: { id: "r1", status: "in_progress" } });
    bench.session.send("two");
    await tick();
    expect(bench.sent("response.cancel")).toEqual([{ type: "response.cancel", event_id: "aside", response_id: "r1" }]);
    expect(bench.sent("response.create").length).toBe(1);
    bench.socket.say({ type: "response.done", response: { id: "r1", status: "cancelled" } });
    expect(bench.sent("response.create").length).toBe(2);
  });

  it("asks again even when the cancelled response is never closed", async () => {
    bench.session.send("one");
    await bench.accept();
    bench.socket.say({ type: "response.created", response: { id: "r1", status: "in_progress" } });
    bench.session.send("two");
    await tick(3_000);
    expect(bench.sent("response.create").length).toBe(2);
  });
});

describe("talking", () => {
  it("opens microphone and speaker, asks for audio, and lets the agent greet", async () => {
    await bench.talking();
    expect(bench.session.state).toMatchObject({ microphone: "on", speakerOn: true });
    expect(bench.socket.sent[0]).toMatchObject({ session: { output_modalities: ["audio"] } });
    expect(bench.sent("response.create").length).toBe(1);
  });

  it("does not greet where that is not wanted, or something was said", async () => {
    bench = new Bench({ greet: false });
    await bench.talking();
    expect(bench.sent("response.create").length).toBe(0);
  });

  it("sends frames as they come, those from before the connection too", async () => {
    const started = bench.session.startVoice();
    await tick();
    const frame = (): MicrophoneFrame => ({ samples: new Int16Array(480), level: 0.1, endMs: performance.now() });
    bench.devices.frame?.(frame());
    await bench.accept();
    await started;
    bench.devices.frame?.(frame());
    const appended = bench.sent("input_audio_buffer.append");
    expect(appended.length).toBe(2);
    expect(appended[0]).toEqual({ type: "input_audio_buffer.append", audio: "A".repeat(1_280) });
  });

  it("after muting sends silence for a while, then lets the microphone go", async () => {
    await bench.talking();
    bench.session.stopVoice();
    expect(bench.session.state.microphone).toBe("off");
    expect(bench.devices.microphoneCalls).toEqual(["mute true"]);
    await tick(1_500);
    expect(bench.devices.microphoneCalls).toEqual(["mute true", "close"]);
  });

  it("can be muted and unmuted without asking anew", async () => {
    await bench.talking();
    bench.session.stopVoice();
    await bench.session.startVoice();
    await tick(5_000);
    expect(bench.devices.microphoneCalls).toEqual(["mute true", "mute false"]);
    expect(bench.session.state.microphone).toBe("on");
  });

  it.each(["refused", "missing", "busy", "insecure"] as const)("goes on in writing when it is %s", async (problem) => {
    bench.devices.problem = problem;
    await bench.talking();
    expect(bench.session.state.microphone).toBe(problem);
    expect(bench.session.send("Then I type")).toBe(true);
    expect(bench.sent("conversation.item.create").length).toBe(1);
  });

  it("says when the microphone is unplugged", async () => {
    await bench.talking();
    bench.devices.lost?.();
    expect(bench.session.state.microphone).toBe("lost");
  });

  it("lets the microphone go when the line is lost for good", async () => {
    await bench.talking();
    bench.socket.say({ type: "error", error: { type: "x", code: "invalid_api_key", message: "…" } });
    bench.socket.drop();
    await tick();
    expect(bench.session.state.status.kind).toBe("failed");
    expect(bench.devices.microphoneCalls).toContain("close");
  });

  it("asks for text once the speaker is off", async () => {
    await bench.talking();
    await bench.session.setSpeaker(false);
    expect(bench.socket.sent.at(-1)).toEqual({
      type: "session.update",
      session: { type: "realtime", output_modalities: ["text"] },
    });
    expect(bench.devices.speaker?.calls.at(-1)).toBe("mute true");
  });
});

describe("the line breaks", () => {
  async function resume(items: [] = []): Promise<void> {
    await tick(1_000);
    bench.socket.open();
    bench.socket.say({ type: "session.created", session: { id: "s", type: "realtime" } });
    bench.socket.say({ type: "sales_agent.conversation.resumed", conversation_id: "conv_1", items });
  }

  it("continues the conversation, and sends what the server never got under the same id", async () => {
    bench.session.send("one");
    await bench.accept();
    bench.socket.drop();
    await resume();
    expect(bench.socket.url).toContain("conversation=conv_1");
    expect(bench.sent("conversation.item.create")).toMatchObject([{ item: { id: "msg_1" } }]);
    expect(bench.sent("response.create").length).toBe(1);
  });

  it("asks again for an answer that had not begun", async () => {
    bench.session.send("one");
    await bench.accept();
    const item = {
      id: "msg_1",
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: "one" }],
    } as const;
    bench.socket.say({ type: "conversation.item.added", item: { ...item, content: [...item.content] } });
    bench.socket.drop();
    await resume();
    expect(bench.sent("conversation.item.create").length).toBe(0);
    expect(bench.sent("response.create").length).toBe(1);
  });

  it("does not greet a second time", async () => {
    await bench.talking();
    bench.speak();
    bench.socket.drop();
    await resume();
    expect(bench.sent("response.create").length).toBe(0);
  });

  it("tells what was played meanwhile", async () => {
    await bench.talking();
    bench.speak();
    bench.socket.drop();
    bench.devices.speaker?.report({ kind: "finished", item: "a1", played: msToSamples(500) });
    await resume();
    expect(bench.sent("sales_agent.playback")).toEqual([
      { type: "sales_agent.playback", event_id: "aside", item_id: "a1", audio_ms: 500, final: true },
    ]);
  });
});

describe("remembering", () => {
  it("keeps the conversation for the next time, until it is started over", async () => {
    bench.session.send("one");
    await bench.accept();
    expect(bench.remembered).toEqual(["conv_1"]);
    await bench.session.startOver();
    expect(bench.remembered).toEqual(["conv_1", null]);
    expect(bench.session.state.entries).toEqual([]);
  });

  it("continues a conversation of before", async () => {
    bench = new Bench({ conversationId: "conv_0" });
    bench.session.send("back again");
    await tick();
    expect(bench.socket.url).toContain("conversation=conv_0");
  });

  it("shows what was said before, and says so when the server does not know it any more", async () => {
    const said = { ...newMessage("msg_0", "user", false), status: "done" as const, text: "What does it cost?" };
    bench = new Bench({ conversationId: "conv_0", entries: [said] });
    expect(bench.session.state.entries).toEqual([said]);
    bench.session.send("back again");
    await bench.accept();
    expect(bench.session.state.entries.map(({ kind }) => kind)).toEqual(["message", "restart", "message"]);
  });

  it("is silent and writes after its page was left, until there is a speaker again", async () => {
    await bench.talking();
    bench.speak();
    bench.session.abandon();
    expect(bench.session.state).toMatchObject({ microphone: "off", speakerOn: false, playing: null });
    bench.session.send("one more thing");
    await bench.accept();
    expect(bench.socket.sent[0]).toMatchObject({ session: { output_modalities: ["text"] } });
  });

  it("hangs up with a last word on what was heard, and can go on", async () => {
    await bench.talking();
    bench.speak();
    if (bench.devices.speaker) bench.devices.speaker.played = [{ item: "a1", played: msToSamples(100) }];
    const line = bench.socket;
    await bench.session.end();
    expect(line.types().slice(-2)).toEqual(["conversation.item.truncate", "sales_agent.playback"]);
    expect(line.closed).toBe(true);
    expect(bench.devices.closed).toBe(1);
    expect(bench.session.state).toMatchObject({ status: { kind: "idle" }, microphone: "off", speakerOn: false });
    bench.session.send("one more thing");
    await tick();
    expect(bench.socket.url).toContain("conversation=conv_1");
  });
});
