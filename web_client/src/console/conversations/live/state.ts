import type { ServerEvent } from "../../api/events";
import type { ConversationItem } from "../../api/types";

export type Speaker = "caller" | "agent" | "operator" | "thinking" | "nobody";

/** An item as it stood at a moment of the page's clock. */
interface LiveItem {
  item: ConversationItem;
  at: number;
}

/** A conversation that is under way, as it is told. */
export interface Live {
  /** `following` while it is told; `over` once it has ended. */
  line: "connecting" | "following" | "over";
  speaking: Speaker;
  /** Who has taken it over. */
  operator: string | null;
  heededBy: "model" | "playbook" | null;
  /** Whether one may listen here. */
  listening: boolean;
  /** What the caller is saying. */
  interim: { id: string; text: string } | null;
  items: ReadonlyMap<string, LiveItem>;
  deleted: ReadonlySet<string>;
  score: { score: number; tier: string } | null;
  /** Changes when what the record holds is to be looked at again. */
  revision: number;
}

export const notFollowed: Live = {
  line: "connecting",
  speaking: "nobody",
  operator: null,
  heededBy: null,
  listening: false,
  interim: null,
  items: new Map(),
  deleted: new Set(),
  score: null,
  revision: 0,
};

/** What it is after one more event, at this moment of the page's clock. */
export function after(live: Live, { kind, data }: ServerEvent, at: number): Live {
  switch (kind) {
    case "state":
      return {
        ...live,
        line: "following",
        speaking: data.speaking as Speaker,
        operator: (data.operator as string | null) ?? null,
        heededBy: data.whispers_go_to as Live["heededBy"],
        listening: data.listening === true,
        interim: null,
        revision: live.revision + 1,
      };
    case "speaking":
      return { ...live, speaking: data.who as Speaker };
    case "operator":
      return { ...live, operator: (data.name as string | null) ?? null, revision: live.revision + 1 };
    case "interim":
      return { ...live, interim: { id: String(data.id), text: String(data.text) } };
    case "item":
      return withItem(live, data, at);
    case "intent":
      return withIntent(live, data);
    case "deleted":
      return { ...live, deleted: new Set([...live.deleted, String(data.id)]) };
    case "score":
      return { ...live, score: { score: Number(data.score), tier: String(data.tier) } };
    case "turn":
    case "left_out":
      return { ...live, revision: live.revision + 1 };
    case "ended":
      return { ...live, line: "over", interim: null, revision: live.revision + 1 };
    default:
      return live;
  }
}

/** The line is lost, and looked for again. */
export const lost = (live: Live): Live => (live.line === "over" ? live : { ...live, line: "connecting" });

function withItem(live: Live, data: Record<string, unknown>, at: number): Live {
  const id = String(data.id);
  const told = {
    ...(live.items.get(id)?.item ?? { intent: null, created_at: new Date().toISOString() }),
    id,
    type: data.type as ConversationItem["type"],
    role: data.role as ConversationItem["role"],
    status: data.status as ConversationItem["status"],
    said_by: data.said_by as ConversationItem["said_by"],
    generated_text: String(data.text ?? ""),
    synthesised_text: String(data.text ?? ""),
    sent_text: String(data.text ?? ""),
    heard_text: String(data.heard ?? ""),
    name: data.name as string | null,
    arguments: data.arguments as string | null,
    output: data.output as string | null,
    updated_at: String(at),
  };
  const interim = live.interim?.id === id && told.heard_text ? null : live.interim;
  // What a person wanted said is told as said once something of it is heard.
  const isSaid = told.said_by !== null && !!told.heard_text && !live.items.get(id)?.item.heard_text;
  const revision = live.revision + (isSaid ? 1 : 0);
  return { ...live, interim, revision, items: new Map(live.items).set(id, { item: told, at }) };
}

function withIntent(live: Live, data: Record<string, unknown>): Live {
  const id = String(data.id);
  const known = live.items.get(id);
  if (!known) return live;
  const item = { ...known.item, intent: String(data.intent), updated_at: `${known.item.updated_at} ${data.intent}` };
  return { ...live, items: new Map(live.items).set(id, { ...known, item }) };
}

/** The record's items, asked for at that moment, with what was told since. */
export function merged(items: readonly ConversationItem[], live: Live, askedAt: number): ConversationItem[] {
  const known = new Set(items.map(({ id }) => id));
  const all = items.map((item) => {
    const told = live.items.get(item.id);
    if (!told || told.at < askedAt) return growing(item);
    const ours = told.item;
    const knowsMore = item.generated_text.length > ours.generated_text.length;
    const texts = knowsMore && ours.status !== "in_progress" && item.role === "assistant" ? madeOf(item) : {};
    return { ...ours, ...texts, created_at: item.created_at, intent: item.intent ?? ours.intent };
  });
  for (const { item, at } of live.items.values()) if (!known.has(item.id) && at >= askedAt) all.push(item);
  return all.filter(({ id }) => !live.deleted.has(id));
}

const madeOf = ({ generated_text, synthesised_text }: ConversationItem): Partial<ConversationItem> => ({
  generated_text,
  synthesised_text,
});

/** What is still to be said is not known to stay unsaid. */
function growing(item: ConversationItem): ConversationItem {
  if (item.status !== "in_progress" || item.role !== "assistant") return item;
  return { ...item, generated_text: item.sent_text, synthesised_text: item.sent_text };
}
