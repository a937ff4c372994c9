import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ConnectionStatus, RealtimeClient } from "../../src/realtime/client";
import { Failure } from "../../src/realtime/failure";
import type { ServerEvent } from "../../src/realtime/server_events";
import { FakeSocket } from "./fake_socket";

const SESSION = { id: "sess_1", type: "realtime" } as const;

let sockets: FakeSocket[];
let events: ServerEvent[];
let statuses: ConnectionStatus[];
let credentials: ReturnType<typeof vi.fn<(id: string | null) => Promise<{ value: string; url: string }>>>;
let why: ReturnType<typeof vi.fn<(door: string, key: string) => Promise<Failure | null>>>;
let client: RealtimeClient;

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  events = [];
  statuses = [];
  credentials = vi.fn(async () => ({ value: `ek_${credentials.mock.calls.length}`, url: "/v1/realtime" }));
  why = vi.fn(async () => null);
  client = new RealtimeClient({
    server: "https://sales.example",
    model: "sales-agent",
    settings: () => ({ type: "realtime", output_modalities: ["text"] }),
    credentials,
    askWhyRefused: why,
    openSocket: (url, protocols) => {
      const socket = new FakeSocket(url, protocols);
      sockets.push(socket);
      return socket;
    },
    onEvent: (event) => events.push(event),
    onStatus: (status) => statuses.push(status),
    now: () => performance.now(),
    random: () => 1,
  });
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

function last(): FakeSocket {
  const socket = sockets.at(-1);
  if (!socket) throw new Error("no socket was opened");
  return socket;
}

/** Brings the client to a running session. */
async function connected(conversationId = "conv_1"): Promise<FakeSocket> {
  client.connect();
  await tick();
  last().open();
  last().say({ type: "session.created", session: SESSION });
  last().say({ type: "conversation.created", conversation: { id: conversationId } });
  return last();
}

/** Lets the next attempt come, and brings it to where the server resumes. */
async function reconnected(): Promise<FakeSocket> {
  if (client.status.kind !== "reconnecting") throw new Error(`no attempt to come: ${client.status.kind}`);
  await tick(client.status.waitMs);
  last().open();
  last().say({ type: "session.created", session: SESSION });
  return last();
}

describe("opening", () => {
  it("dials the door with model and key, and sends its wish at once", async () => {
    const socket = await connected();
    expect(socket.url).toBe("wss://sales.example/v1/realtime?model=sales-agent&channel=widget");
    expect(socket.protocols).toEqual(["realtime", "openai-insecure-api-key.ek_1"]);
    expect(socket.sent[0]).toEqual({
      type: "session.update",
      session: { type: "realtime", output_modalities: ["text"] },
    });
    expect(statuses.map(({ kind }) => kind)).toEqual(["connecting", "ready"]);
  });

  it("passes events on in order and skips what is no event", async () => {
    const socket = await connected();
    socket.sayText("not json");
    socket.sayText("[1]");
    socket.say({ type: "input_audio_buffer.speech_started", item_id: "i", audio_start_ms: 0 });
    expect(events.map(({ type }) => type)).toEqual([
      "session.created",
      "conversation.created",
      "input_audio_buffer.speech_started",
    ]);
  });

  it("does not connect twice", async () => {
    client.connect();
    client.connect();
    await tick();
    expect(sockets.length).toBe(1);
  });

  it("tells a newcomer after three tries that nobody answers", async () => {
    credentials.mockRejectedValue(new Failure("unreachable", "no_answer", "…"));
    client.connect();
    await tick(60_000);
    expect(credentials).toHaveBeenCalledTimes(4);
    expect(client.status).toMatchObject({ kind: "failed", failure: { kind: "unreachable" } });
  });

  it("gives up a connection on which no session comes", async () => {
    client.connect();
    await tick();
    last().open();
    await tick(10_000);
    expect(last().closed).toBe(true);
    expect(client.status.kind).toBe("reconnecting");
  });

  it.each(["unauthorized", "full", "refused"] as const)("does not insist when it is %s", async (kind) => {
    credentials.mockRejectedValue(new Failure(kind, "code", "…"));
    client.connect();
    await tick(60_000);
    expect(credentials).toHaveBeenCalledTimes(1);
    expect(client.status).toMatchObject({ kind: "failed", failure: { kind } });
  });

  it("asks the door why a socket never opened", async () => {
    why.mockResolvedValue(new Failure("unauthorized", "invalid_api_key", "…"));
    client.connect();
    await tick();
    last().drop();
    await tick();
    expect(why).toHaveBeenCalledWith("https://sales.example/v1/realtime?model=sales-agent&channel=widget", "ek_1");
    expect(client.status).toMatchObject({ kind: "failed", failure: { code: "invalid_api_key" } });
  });

  it("takes the reason from the error that came before the close", async () => {
    client.connect();
    await tick();
    last().open();
    last().say({ type: "error", error: { type: "server_error", code: "session_limit_reached", message: "Full." } });
    last().drop();
    await tick();
    expect(why).not.toHaveBeenCalled();
    expect(client.status).toMatchObject({ kind: "failed", failure: { kind: "full", message: "Full." } });
  });

  it("refuses an address that is none", async () => {
    credentials.mockResolvedValue({ value: "ek", url: "http://[" });
    client.connect();
    await tick();
    expect(client.status).toMatchObject({ kind: "failed", failure: { code: "bad_address" } });
  });
});

describe("reconnecting", () => {
  it("continues the conversation with a fresh key, and waits for the resumption", async () => {
    (await connected()).drop();
    await tick();
    const socket = await reconnected();
    expect(credentials).toHaveBeenLastCalledWith("conv_1");
    expect(socket.url).toContain("conversation=conv_1");
    expect(socket.protocols[1]).toBe("openai-insecure-api-key.ek_2");
    expect(client.status.kind).toBe("reconnecting");
    socket.say({ type: "sales_agent.conversation.resumed", conversation_id: "conv_1", items: [] });
    expect(client.status).toEqual({ kind: "ready", resumed: true });
  });

  it("takes a server that says nothing of a resumption as it is", async () => {
    (await connected()).drop();
    await tick();
    await reconnected();
    await tick(3_000);
    expect(client.status.kind).toBe("ready");
  });

  it("waits longer each time", async () => {
    (await connected()).drop();
    credentials.mockRejectedValue(new Failure("unreachable", "no_answer", "…"));
    await tick(120_000);
    const waits = statuses.flatMap((status) => (status.kind === "reconnecting" ? [status.waitMs] : []));
    expect(waits).toEqual([400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000, 15_000]);
    expect(client.status.kind).toBe("failed");
  });

  it("respects the wait the server asks for", async () => {
    (await connected()).drop();
    credentials.mockRejectedValue(new Failure("full", "session_limit_reached", "…", 30_000));
    await tick(400);
    expect(client.status).toMatchObject({ kind: "reconnecting", waitMs: 30_000 });
  });

  it("goes on counting when connections do not last", async () => {
    (await connected()).drop();
    for (let attempt = 2; attempt <= 4; attempt++) {
      await tick();
      const socket = await reconnected();
      socket.say({ type: "sales_agent.conversation.resumed", conversation_id: "conv_1", items: [] });
      socket.drop();
      await tick();
      expect(client.status).toMatchObject({ kind: "reconnecting", attempt });
    }
  });

  it("starts anew when the conversation is not known any more", async () => {
    (await connected()).drop();
    why.mockResolvedValue(new Failure("conversation_gone", "conversation_not_found", "…"));
    await tick(400);
    last().drop();
    await tick();
    expect(sockets.length).toBe(3);
    expect(last().url).not.toContain("conversation=");
    expect(client.conversationId).toBeNull();
  });

  it("leaves a conversation alone that goes on elsewhere", async () => {
    const socket = await connected();
    const error = { type: "invalid_request_error", code: "conversation_continued_elsewhere", message: "…" };
    socket.say({ type: "error", error });
    socket.drop();
    await tick(60_000);
    expect(sockets.length).toBe(1);
    expect(client.status).toMatchObject({ kind: "failed", failure: { kind: "elsewhere" } });
  });

  it("does not take an error of long ago for the reason of a close", async () => {
    const socket = await connected();
    socket.say({ type: "error", error: { type: "x", code: "invalid_api_key", message: "…" } });
    await tick(4_000);
    socket.drop();
    await tick();
    expect(client.status.kind).toBe("reconnecting");
  });

  it("tries at once when the network is back", async () => {
    (await connected()).drop();
    await tick();
    client.retryNow();
    await tick();
    expect(sockets.length).toBe(2);
  });

  it("drops whatever an earlier connection still says", async () => {
    const old = await connected();
    old.drop();
    await tick(400);
    const heard = events.length;
    old.say({ type: "response.created", response: { id: "late", status: "in_progress" } });
    old.drop();
    await tick();
    expect(events.length).toBe(heard);
    expect(sockets.length).toBe(2);
  });

  it("stays closed once closed, also while credentials are on the way", async () => {
    let answer: (value: { value: string; url: string }) => void = () => undefined;
    credentials.mockReturnValue(
      new Promise((resolve) => {
        answer = resolve;
      }),
    );
    client.connect();
    client.close();
    answer({ value: "ek", url: "/v1/realtime" });
    await tick(60_000);
    expect(sockets.length).toBe(0);
    expect(client.status.kind).toBe("idle");
  });
});

describe("sending", () => {
  it("keeps facts and audio for the connection to come, and no stale requests", async () => {
    client.connect();
    client.send({ type: "input_audio_buffer.append", audio: "AAAA", captured_ms: 0 });
    client.send({ type: "conversation.item.truncate", item_id: "i", content_index: 0, audio_end_ms: 10 });
    expect(client.send({ type: "response.cancel" })).toBe(false);
    expect(client.send({ type: "sales_agent.playback", item_id: "i", audio_ms: 5, final: false })).toBe(false);
    client.send({ type: "sales_agent.playback", item_id: "i", audio_ms: 10, final: true });
    await tick();
    last().open();
    last().say({ type: "session.created", session: SESSION });
    expect(last().types()).toEqual([
      "session.update",
      "conversation.item.truncate",
      "sales_agent.playback",
      "input_audio_buffer.append",
    ]);
  });

  it("writes audio frames as valid events", async () => {
    const socket = await connected();
    client.send({ type: "input_audio_buffer.append", audio: "AQID", captured_ms: 0 });
    expect(socket.sent.at(-1)).toEqual({ type: "input_audio_buffer.append", audio: "AQID" });
  });

  it("drops audio, and audio alone, while the network does not take it", async () => {
    const socket = await connected();
    socket.bufferedAmount = 400_000;
    client.send({ type: "input_audio_buffer.append", audio: "AQID", captured_ms: 0 });
    client.send({ type: "response.create" });
    expect(socket.types()).toEqual(["session.update", "response.create"]);
  });
});

describe("a dead line", () => {
  it("is asked for a sign of life, sooner while voice runs, and left when none comes", async () => {
    client.voice = true;
    const socket = await connected();
    await tick(5_500);
    expect(socket.sent.at(-1)).toEqual({ type: "session.update", event_id: "aside", session: { type: "realtime" } });
    await tick(5_000);
    expect(socket.closed).toBe(true);
    expect(client.status.kind).toBe("reconnecting");
  });

  it("is told from a quiet one by any event", async () => {
    client.voice = true;
    const socket = await connected();
    for (let i = 0; i < 10; i++) {
      await tick(4_000);
      socket.say({ type: "session.updated", session: SESSION });
    }
    expect(client.status.kind).toBe("ready");
    expect(socket.sent.length).toBe(1);
  });

  it("is given more time while only text is exchanged", async () => {
    const socket = await connected();
    await tick(15_000);
    expect(socket.sent.length).toBe(1);
    await tick(7_000);
    expect(socket.sent.length).toBe(2);
  });
});
