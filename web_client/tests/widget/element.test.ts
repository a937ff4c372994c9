// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SalesAgentWidget } from "../../src/widget/element";
import "../../src/widget/main";
import { FakeSocket } from "../realtime/fake_socket";

let sockets: FakeSocket[];
let fetcher: ReturnType<typeof vi.fn<typeof fetch>>;

beforeEach(() => {
  sockets = [];
  sessionStorage.clear();
  fetcher = vi.fn<typeof fetch>(async () => new Response('{"value":"ek_1","url":"/v1/realtime"}'));
  vi.stubGlobal("fetch", fetcher);
  vi.stubGlobal(
    "WebSocket",
    class extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    },
  );
});

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function put(attributes: Record<string, string> = {}): SalesAgentWidget {
  const widget = document.createElement("sales-agent-widget");
  for (const [name, value] of Object.entries({ server: "https://sales.example", ...attributes })) {
    widget.setAttribute(name, value);
  }
  document.body.append(widget);
  return widget;
}

function inside<T extends HTMLElement = HTMLElement>(widget: SalesAgentWidget, selector: string): T {
  const found = widget.shadowRoot?.querySelector<T>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}

async function accepted(): Promise<FakeSocket> {
  await vi.waitFor(() => expect(sockets.length).toBe(1));
  const socket = sockets[0] as FakeSocket;
  socket.open();
  socket.say({ type: "session.created", session: { id: "s", type: "realtime" } });
  socket.say({ type: "conversation.created", conversation: { id: "conv_1" } });
  return socket;
}

const pressEscape = (widget: SalesAgentWidget): boolean =>
  widget.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));

describe("its labels", () => {
  const placeholder = (widget: SalesAgentWidget) => inside<HTMLTextAreaElement>(widget, "textarea").placeholder;

  it("are in its own language, else in the page's, else in English", () => {
    expect(placeholder(put({ mode: "inline", language: "fr-CH" }))).toBe("Écrire un message");
    expect(placeholder(put({ mode: "inline", language: "it" }))).toBe("Scriva un messaggio");
    expect(placeholder(put({ mode: "inline", language: "nl-BE" }))).toBe("Typ een bericht");
    expect(placeholder(put({ mode: "inline", language: "pt-BR" }))).toBe("Escreva uma mensagem");
    document.body.lang = "de";
    expect(placeholder(put({ mode: "inline" }))).toBe("Nachricht schreiben");
    document.body.lang = "pl";
    expect(placeholder(put({ mode: "inline" }))).toBe("Type a message");
    document.body.removeAttribute("lang");
  });

  it("may be the page's own words", () => {
    const widget = document.createElement("sales-agent-widget") as SalesAgentWidget;
    widget.words = { placeholder: "Bol fragen" };
    for (const [name, value] of Object.entries({ server: "https://sales.example", mode: "inline", language: "de" })) {
      widget.setAttribute(name, value);
    }
    document.body.append(widget);
    expect(placeholder(widget)).toBe("Bol fragen");
    expect(inside(widget, ".send").getAttribute("aria-label")).toBe("Senden");
  });
});

describe("a bubble", () => {
  it("is closed first, opens on its button and closes on Escape", () => {
    const widget = put();
    expect(inside(widget, ".panel").hidden).toBe(true);
    inside(widget, ".launcher").click();
    expect(widget.open).toBe(true);
    expect(inside(widget, ".panel").hidden).toBe(false);
    expect(widget.shadowRoot?.activeElement?.tagName).toBe("TEXTAREA");
    pressEscape(widget);
    expect(widget.open).toBe(false);
    expect(inside(widget, ".launcher").hidden).toBe(false);
  });

  it("does nothing on the network before it is used", () => {
    put().open = true;
    expect(fetcher).not.toHaveBeenCalled();
    expect(sockets).toEqual([]);
  });
});

it("inline is always open and has no launcher", () => {
  const widget = put({ mode: "inline" });
  expect(widget.open).toBe(true);
  expect(widget.shadowRoot?.querySelector(".launcher")).toBeNull();
});

it("connects with the key that the server mints, and shows the answer", async () => {
  const widget = put({ mode: "inline" });
  expect(widget.send("Hello")).toBe(true);
  const socket = await accepted();
  expect(fetcher.mock.calls[0]?.[0]).toBe("https://sales.example/api/widget/session");
  expect(socket.url).toBe("wss://sales.example/v1/realtime?model=sales-agent&channel=widget");
  const ids = { response_id: "r1", item_id: "a1", output_index: 0, content_index: 0 };
  socket.say({ type: "response.output_text.delta", delta: "Hi there", ...ids });
  await vi.waitFor(() => expect(inside(widget, ".message.assistant .said").textContent).toBe("Hi there"));
});

it("takes a key from its attribute", async () => {
  const widget = put({ mode: "inline", "api-key": "ek_given" });
  widget.send("Hello");
  expect((await accepted()).protocols).toEqual(["realtime", "openai-insecure-api-key.ek_given"]);
  expect(fetcher).not.toHaveBeenCalled();
});

it("stops the agent on Escape before it would close", async () => {
  const widget = put({ open: "" });
  widget.send("Hello");
  const socket = await accepted();
  socket.say({ type: "response.created", response: { id: "r1", status: "in_progress" } });
  pressEscape(widget);
  expect(socket.types()).toContain("response.cancel");
  expect(widget.open).toBe(true);
});

it("tells the page about phases and failures", async () => {
  const told: unknown[] = [];
  document.body.addEventListener("sales-agent-phase", (event) => told.push((event as CustomEvent).detail.phase));
  document.body.addEventListener("sales-agent-failure", (event) => told.push((event as CustomEvent).detail.code));
  fetcher.mockResolvedValue(
    new Response('{"error":{"code":"session_limit_reached","message":"Full."}}', { status: 503 }),
  );
  put({ mode: "inline" }).send("Hello");
  await vi.waitFor(() => expect(told.slice(-2)).toEqual(["error", "session_limit_reached"]));
});

it("tells them in a tab that is not seen, where nothing is drawn", async () => {
  vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  vi.stubGlobal("requestAnimationFrame", () => 1);
  const told: unknown[] = [];
  const widget = put({ mode: "inline" });
  widget.addEventListener("sales-agent-phase", (event) => told.push((event as CustomEvent).detail.phase));
  widget.send("Hello");
  await accepted();
  expect(told).toEqual(["idle", "connecting", "thinking"]);
});

it("goes on with the conversation of this tab", async () => {
  put({ mode: "inline" }).send("Hello");
  await accepted();
  document.body.replaceChildren();
  put({ mode: "inline" }).send("Again");
  await vi.waitFor(() => expect(sockets.length).toBe(2));
  expect(sockets[1]?.url).toContain("conversation=conv_1");
});

it("lets the line go when it is taken from the page", async () => {
  const widget = put({ mode: "inline" });
  widget.send("Hello");
  const socket = await accepted();
  widget.remove();
  await vi.waitFor(() => expect(socket.closed).toBe(true));
});

it("goes on with its line where it is moved within the page", async () => {
  const widget = put({ open: "" });
  widget.send("Hello");
  const socket = await accepted();
  widget.remove();
  await Promise.resolve();
  document.body.append(document.createElement("main"));
  document.querySelector("main")?.append(widget);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(socket.closed).toBe(false);
  expect(inside(widget, ".message.user .said").textContent).toBe("Hello");
  pressEscape(widget);
  expect(widget.open).toBe(false);
});

it("shows on the next page what was said on this one, and asks nothing of the network for it", async () => {
  const widget = put({ mode: "inline" });
  widget.send("Hello");
  const socket = await accepted();
  const ids = { response_id: "r1", item_id: "a1", output_index: 0, content_index: 0 };
  socket.say({ type: "response.output_text.delta", delta: "Hi there", ...ids });
  window.dispatchEvent(new Event("pagehide"));
  document.body.replaceChildren();
  fetcher.mockClear();
  const next = put();
  next.open = true;
  expect(inside(next, ".message.user .said").textContent).toBe("Hello");
  expect(inside(next, ".message.assistant .said").textContent).toBe("Hi there");
  expect(inside(next, ".sr[aria-live]").textContent).toBe("");
  expect(fetcher).not.toHaveBeenCalled();
  inside(next, ".start-over").click();
  await vi.waitFor(() => expect(next.state.entries).toEqual([]));
  expect(put().state.entries).toEqual([]);
});

it("keeps of two on a page the one that was used last", async () => {
  const [unused, used] = [put(), put({ mode: "inline" })];
  used.send("Hello");
  await accepted();
  window.dispatchEvent(new Event("pagehide"));
  expect(unused.state.entries).toEqual([]);
  expect(put().state.entries).toMatchObject([{ text: "Hello" }]);
});

it("stays above a phone's keyboard, which covers the page and does not resize it", () => {
  const seen = Object.assign(new EventTarget(), { height: innerHeight, offsetTop: 0, scale: 1 });
  vi.stubGlobal("visualViewport", seen);
  const widget = put({ open: "" });
  const place = (): string[] => ["--seen-top", "--seen-height"].map((name) => widget.style.getPropertyValue(name));
  expect(widget.dataset.keyboard).toBeUndefined();
  Object.assign(seen, { height: innerHeight - 300, offsetTop: 40 });
  seen.dispatchEvent(new Event("resize"));
  expect(widget.dataset.keyboard).toBe("");
  expect(place()).toEqual(["40px", `${innerHeight - 300}px`]);
  Object.assign(seen, { height: innerHeight / 2, scale: 2 });
  seen.dispatchEvent(new Event("resize"));
  expect(widget.dataset.keyboard).toBeUndefined();
});

it("shows words that the page replaced", () => {
  const widget = document.createElement("sales-agent-widget");
  widget.words = { placeholder: "Nachricht schreiben" };
  widget.setAttribute("mode", "inline");
  document.body.append(widget);
  expect(inside<HTMLTextAreaElement>(widget, "textarea").placeholder).toBe("Nachricht schreiben");
});
