import { expect, it } from "vitest";
import type { ConversationItem } from "../../../../src/console/api/types";
import { after, type Live, lost, merged, notFollowed } from "../../../../src/console/conversations/live/state";

const item = (id: string, text: string, about: Partial<ConversationItem> = {}): ConversationItem => ({
  id,
  type: "message",
  role: "assistant",
  status: "completed",
  generated_text: text,
  synthesised_text: text,
  sent_text: text,
  heard_text: text,
  name: null,
  arguments: null,
  output: null,
  intent: null,
  said_by: null,
  created_at: "2026-01-12T09:00:00Z",
  updated_at: "2026-01-12T09:00:00Z",
  ...about,
});

const told = (live: Live, kind: string, data: Record<string, unknown>, at = 100): Live =>
  after(live, { kind, data }, at);
const STATE = { speaking: "nobody", operator: null, whispers_go_to: "model" };
const REPLY = {
  id: "a",
  type: "message",
  role: "assistant",
  status: "in_progress",
  said_by: null,
  text: "We are open today",
  heard: "We are",
};

it("shows words as they are heard, over what the record held when it was asked for", () => {
  const live = told(told(notFollowed, "state", STATE), "item", REPLY);
  const [shown] = merged([item("a", "We are open today and tomorrow", { heard_text: "We" })], live, 50);
  expect(shown?.heard_text).toBe("We are");
  expect(shown?.generated_text).toBe("We are open today");
  const cut = told(live, "item", { ...REPLY, status: "incomplete" });
  expect(merged([item("a", "We are open today and tomorrow")], cut, 50)[0]?.generated_text).toBe(
    "We are open today and tomorrow",
  );
});

it("believes the record where that was asked for later", () => {
  const live = told(notFollowed, "item", REPLY);
  expect(merged([item("a", "We are open")], live, 200).map(({ heard_text }) => heard_text)).toEqual(["We are open"]);
  expect(merged([], live, 200)).toEqual([]);
  expect(merged([], live, 50).map(({ id }) => id)).toEqual(["a"]);
});

it("shows what the caller is saying until it is an item with words", () => {
  let live = told(notFollowed, "interim", { id: "u", text: "how much" });
  expect(live.interim).toEqual({ id: "u", text: "how much" });
  live = told(live, "item", { id: "u", type: "message", role: "user", text: "", heard: "" });
  expect(live.interim).not.toBeNull();
  live = told(live, "item", { id: "u", type: "message", role: "user", text: "How much?", heard: "How much?" });
  expect(live.interim).toBeNull();
  live = told(live, "intent", { id: "u", intent: "pricing" });
  expect(merged([], live, 0)[0]?.intent).toBe("pricing");
});

it("asks for the record again when words of a person's begin to be heard, and then no more", () => {
  const said = { ...REPLY, said_by: "operator" };
  let live = notFollowed;
  const revisions = ["", "We are", "We are open"].map((heard) => {
    live = told(live, "item", { ...said, heard });
    return live.revision;
  });
  expect(revisions).toEqual([0, 1, 1]);
  expect(told(live, "item", { ...REPLY, id: "b" }).revision).toBe(1);
});

it("knows who speaks, who has taken over, and when the record is to be asked for again", () => {
  let live = told(notFollowed, "state", { ...STATE, operator: "Maria" });
  expect([live.line, live.operator, live.heededBy]).toEqual(["following", "Maria", "model"]);
  live = told(live, "speaking", { who: "caller" });
  expect(live.speaking).toBe("caller");
  const { revision } = live;
  live = told(live, "operator", { name: null });
  expect([live.operator, live.revision]).toEqual([null, revision + 1]);
  live = lost(live);
  expect(live.line).toBe("connecting");
  live = told(live, "ended", { status: "closed" });
  expect(lost(live).line).toBe("over");
});

it("leaves out what was deleted", () => {
  const live = told(told(notFollowed, "item", REPLY), "deleted", { id: "a" });
  expect(merged([item("b", "Hello")], live, 0).map(({ id }) => id)).toEqual(["b"]);
});
