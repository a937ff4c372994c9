import { isSpoken, itemText, type MessageItem } from "../realtime/items";
import type { Entry, Message } from "./state";

type Entries = readonly Entry[];

export function newMessage(id: string, role: Message["role"], spoken: boolean): Message {
  return {
    kind: "message",
    id,
    role,
    spoken,
    status: "streaming",
    text: "",
    heardText: null,
    receivedMs: 0,
    playedMs: 0,
    audioDone: false,
    words: [],
    timings: null,
    measuredMs: null,
    intent: null,
    by: null,
  };
}

/** Says who speaks from here on, where that is news. */
export function withPresence(entries: Entries, name: string | null): Entries {
  const last = entries.findLast((entry) => entry.kind === "presence");
  const before = last?.present ? last.name : null;
  if (before === name) return entries;
  const told = { name: name ?? before ?? "", present: name !== null };
  return [...entries, { kind: "presence", id: `presence_${entries.length}`, ...told }];
}

export function findMessage(entries: Entries, id: string): Message | null {
  const found = entries.findLast((entry) => entry.id === id);
  return found?.kind === "message" ? found : null;
}

/** Replaces one entry; the same list comes back when the entry is not there. */
export function patch<T extends Entry>(entries: Entries, id: string, change: Partial<T>): Entries {
  const index = entries.findLastIndex((entry) => entry.id === id);
  if (index < 0) return entries;
  return entries.with(index, { ...entries[index], ...change } as Entry);
}

/** Changes a message, making it first when its announcement has not come yet. */
export function change(
  entries: Entries,
  id: string,
  role: Message["role"],
  spoken: boolean,
  how: (message: Message) => Partial<Message>,
): Entries {
  const known = findMessage(entries, id);
  if (known) return patch(entries, id, how(known));
  const made = newMessage(id, role, spoken);
  return [...entries, { ...made, ...how(made) }];
}

export const remove = (entries: Entries, id: string): Entries => entries.filter((entry) => entry.id !== id);

/** Puts a new entry behind the one it follows and that one's tool lines; at the end when that one is not known. */
export function insertAfter(entries: Entries, entry: Entry, previous: string | null | undefined): Entries {
  let index = entries.findIndex(({ id }) => id === previous);
  if (index < 0) return [...entries, entry];
  while (entries[index + 1] && entries[index + 1]?.kind !== "message") index++;
  return entries.toSpliced(index + 1, 0, entry);
}

/** Takes over what the server says about an item; text that came by deltas is kept where the item has none yet. */
export function mergeItem(entries: Entries, item: MessageItem, previous: string | null, done: boolean): Entries {
  if (item.role === "system") return entries;
  const known = findMessage(entries, item.id);
  const message = known ?? newMessage(item.id, item.role, isSpoken(item));
  const merged = { ...message, ...itemFields(item, message, done) };
  return known ? patch(entries, item.id, merged) : insertAfter(entries, merged, previous);
}

function itemFields(item: MessageItem, known: Message, done: boolean): Partial<Message> {
  const text = itemText(item) || known.text;
  if (item.status === "incomplete") return { status: "incomplete", text: known.text || text };
  const unheard = item.role === "user" && known.spoken && !text;
  const settled = known.status !== "streaming" && known.status !== "pending";
  if (settled) return { text };
  return { text, status: done && !unheard ? "done" : "streaming" };
}

/** Notes what the server holds to have been said: of a reply, the part that was heard. */
export function noteHeard(entries: Entries, item: MessageItem): Entries {
  const known = findMessage(entries, item.id);
  if (!known) return entries;
  const text = itemText(item);
  if (known.role === "user") return text ? patch<Message>(entries, item.id, { text, status: "done" }) : entries;
  return known.status === "incomplete" ? patch<Message>(entries, item.id, { heardText: text }) : entries;
}

/**
 * The list after a resumption: the server's items, each behind the one before, among what this side had shown. What
 * was shown stays; only lines that never got a word go.
 */
export function resumedEntries(entries: Entries, items: readonly MessageItem[]): Entries {
  const unsent = entries.filter(
    (entry) => entry.kind === "message" && entry.status === "pending" && !items.some(({ id }) => id === entry.id),
  );
  let previous: string | null = null;
  let list: Entries = entries.filter(
    (entry) => !unsent.includes(entry) && (entry.kind !== "message" || entry.text !== ""),
  );
  for (const item of items) {
    list = noteHeard(mergeItem(list, item, previous, true), item);
    previous = item.id;
  }
  return [...list, ...unsent];
}
