// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { KnownDocument, Topic } from "../../../src/console/api/types";
import { KnowledgePage } from "../../../src/console/pages/knowledge";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

const TIMES = { created_at: "2026-01-12T09:00:00Z", updated_at: "2026-01-12T09:00:00Z", document_id: null };
const PRICES: Topic = { id: "t1", title: "Prices", text: "Ten dollars a month.", ...TIMES };
const DELIVERY: Topic = { id: "t2", title: "Delivery", text: "Two days.", ...TIMES };

let root: Root;
let topics: Topic[];
let documents: KnownDocument[];
let asked: [string, string, unknown][];

function answer(method: string, path: string): [number, unknown] {
  if (path === "/api/knowledge/status") {
    const own = topics.length > 0;
    return [200, { subject: "Acme Voice", uses_example: !own, file_topics: own ? 2 : 0, stored_topics: topics.length }];
  }
  if (path.startsWith("/api/knowledge/search")) return [200, { passages: path.includes("cost") ? [passage] : [] }];
  if (path.startsWith("/api/documents/d1/topics")) return [200, { items: [DELIVERY], next_cursor: null }];
  if (path.startsWith("/api/documents"))
    return method === "GET" ? [200, { items: documents, next_cursor: null }] : [204, null];
  if (path.startsWith("/api/knowledge/import")) return [200, { created: 3, updated: 1, deleted: 0 }];
  if (method === "GET") return [200, { items: topics, next_cursor: null }];
  if (method === "POST")
    return [409, { error: { code: "knowledge_title_taken", message: "There is a topic of that title." } }];
  return method === "DELETE" ? [204, null] : [200, PRICES];
}
const passage = { title: "Prices", text: "Ten dollars a month.", score: 0.83 };

beforeEach(() => {
  sessionStorage.clear();
  topics = [];
  documents = [];
  asked = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const method = init.method ?? "GET";
    if (method !== "GET") asked.push([method, path, init.body]);
    const [status, body] = answer(method, path);
    return new Response(status === 204 ? null : JSON.stringify(body), { status });
  });
});

afterEach(async () => {
  await act(async () => root.unmount());
  vi.unstubAllGlobals();
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
});

async function open(): Promise<void> {
  const place = document.createElement("div");
  document.body.replaceChildren(place);
  root = createRoot(place);
  const http = new Http("sk_1");
  await act(async () => root.render(<KnowledgePage http={http} id={null} part={null} />));
}

const text = (): string => document.body.textContent ?? "";

function labelled<E extends HTMLElement>(label: string): E {
  const found = [...document.querySelectorAll<HTMLElement>("[aria-label], label, button")].find(
    (one) => (one.getAttribute("aria-label") ?? one.textContent) === label,
  );
  const of = found?.getAttribute("for");
  return (of ? document.getElementById(of) : found) as E;
}

async function type(label: string, value: string): Promise<void> {
  const input = labelled<HTMLInputElement>(label);
  const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), "value")?.set;
  await act(async () => {
    set?.call(input, value);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

async function press(label: string): Promise<void> {
  await act(async () => labelled<HTMLButtonElement>(label).click());
}

it("says that the agent sells a made-up product until something is taught", async () => {
  await open();
  expect(text()).toContain("The agent sells Acme Voice, a made-up product");
  expect(text()).toContain("Nothing was taught yet.");
});

it("shows what the agent would find, and makes a topic of a question that finds nothing", async () => {
  topics = [PRICES];
  await open();
  expect(text()).not.toContain("made-up");
  await type("Question", "what does it cost");
  await press("Ask");
  expect(text()).toContain("83 % of the question");
  await type("Question", "is it waterproof");
  await press("Ask");
  expect(text()).toContain("The agent would say that it does not know.");
  await press("Teach it the answer");
  expect(labelled<HTMLInputElement>("How people ask for it").value).toBe("is it waterproof");
  await type("What the agent says", "Yes, it is. ".repeat(40));
  expect(text()).toContain("120 words, about 48 s to say. Callers stop listening");
  await press("Keep it");
  expect(asked[0]?.slice(0, 2)).toEqual(["POST", "/api/knowledge"]);
  expect(text()).toContain("There is a topic of that title.");
  expect(labelled<HTMLInputElement>("How people ask for it").value).toBe("is it waterproof");
});

it("finds topics by their words, changes one in place, and asks before anything is lost", async () => {
  topics = [PRICES, DELIVERY];
  await open();
  expect(text()).toContain("2 more topics are in the file");
  await type("Search topics", "two days");
  expect(labelled("Change Prices")).toBeUndefined();
  await press("Change Delivery");
  await type("What the agent says", "Three days.");
  await press("Cancel");
  expect(text()).toContain("What you wrote is lost.");
  await press("Drop it");
  expect(labelled("Change Delivery")).toBeDefined();
  await press("Change Delivery");
  await type("What the agent says", "Three days.");
  await press("Keep it");
  expect(asked).toEqual([["PATCH", "/api/knowledge/t2", JSON.stringify({ title: "Delivery", text: "Three days." })]]);
  await press("Change Delivery");
  await press("Forget");
  expect(asked).toHaveLength(1);
  await press("Forget it");
  expect(asked[1]?.slice(0, 2)).toEqual(["DELETE", "/api/knowledge/t2"]);
});

it("loses nothing that was written to another topic, a search, or another page", async () => {
  topics = [PRICES, DELIVERY];
  await open();
  const said = (): string[] => [...document.querySelectorAll("textarea")].map((area) => area.value);
  await press("Change Prices");
  expect(document.activeElement?.tagName).toBe("TEXTAREA");
  await type("What the agent says", "Twelve dollars.");
  await press("Change Delivery");
  await type("Search topics", "nothing like it");
  expect(said()).toEqual(["Twelve dollars.", "Two days."]);
  await act(async () => root.unmount());
  await open();
  expect(said()).toEqual(["Twelve dollars."]);
  await press("Keep it");
  await act(async () => root.unmount());
  await open();
  expect(said()).toEqual([]);
});

it("asks before a topic that was begun is dropped, and lets no question take its place", async () => {
  topics = [PRICES];
  await open();
  await press("Add a topic");
  await type("What the agent says", "Yes, it is.");
  await type("Question", "is it waterproof");
  await press("Ask");
  expect(labelled<HTMLButtonElement>("Teach it the answer").disabled).toBe(true);
  await press("Cancel");
  expect(text()).toContain("What you wrote is lost.");
  await press("Drop it");
  expect(document.querySelector("textarea")).toBeNull();
  await press("Teach it the answer");
  expect(labelled<HTMLInputElement>("How people ask for it").value).toBe("is it waterproof");
});

it("teaches a document, and replaces topics only when that is confirmed", async () => {
  topics = [PRICES];
  await open();
  const drop = labelled<HTMLInputElement>("Document");
  const file = new File(["# Prices\n\nTen."], "product.md", { type: "text/markdown" });
  Object.defineProperty(drop, "files", { value: [file], configurable: true });
  await act(async () => drop.dispatchEvent(new Event("change", { bubbles: true })));
  await press("Add its topics");
  expect(asked).toEqual([["POST", "/api/knowledge/import?mode=add", "# Prices\n\nTen."]]);
  expect(text()).toContain("3 new, 1 changed.");
  await press("Replace all by it");
  expect(text()).toContain("Of the 1 kept topic, those that are not in the file go.");
  await press("Replace them");
  expect(asked[1]?.[1]).toBe("/api/knowledge/import?mode=replace");
});

const HANDBOOK: KnownDocument = {
  id: "d1",
  name: "Handbook.pdf",
  size_bytes: 2_500_000,
  status: "ready",
  error: null,
  pages: 12,
  topics: 1,
};

it("tells what came of documents, and deletes one only when that is confirmed", async () => {
  const error = { code: "document_without_text", message: "It has no text." };
  documents = [HANDBOOK, { ...HANDBOOK, id: "d2", name: "Scan.pdf", status: "failed", error, pages: null, topics: 0 }];
  await open();
  expect(text()).toContain("Handbook.pdf Known2.5 MB · 12 pages · 1 topic");
  expect(text()).toContain("It has no text. document_without_text");
  await press("Topics of Handbook.pdf");
  expect(text()).toContain("Two days.");
  await press("Delete");
  expect(asked).toEqual([]);
  expect(text()).toContain("Its 1 topic go too.");
  await press("Delete it");
  expect(asked[0]?.slice(0, 2)).toEqual(["DELETE", "/api/documents/d1"]);
});

it("uploads a document, and offers to replace the one of its name", async () => {
  documents = [HANDBOOK];
  const sent: string[] = [];
  vi.stubGlobal(
    "XMLHttpRequest",
    class {
      upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
      status = 202;
      responseText = "{}";
      onload = (): void => {};
      open(method: string, path: string): void {
        sent.push(`${method} ${path}`);
      }
      setRequestHeader(): void {}
      send(): void {
        this.upload.onprogress?.({ loaded: 1, total: 2 });
        this.onload();
      }
    },
  );
  await open();
  const drop = labelled<HTMLInputElement>("Document to read");
  const file = new File(["%PDF-"], "handbook.pdf", { type: "application/pdf" });
  Object.defineProperty(drop, "files", { value: [file], configurable: true });
  await act(async () => drop.dispatchEvent(new Event("change", { bubbles: true })));
  await press("Replace the older one");
  expect(sent).toEqual(["POST /api/documents?name=handbook.pdf&mode=replace"]);
  expect(text()).not.toContain("Keep both");
});
