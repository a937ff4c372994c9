import { memo, type ReactElement } from "react";
import type { ConversationItem, ConversationTurn } from "../api/types";
import { Badge, words } from "../parts";
import { exact, milliseconds } from "../times";
import { type Piece, piecesOf, type Reach } from "./heard_text";

const REACHED: Record<Reach, string> = {
  heard: "Heard",
  sent: "Sent, not heard",
  synthesised: "Spoken, not sent",
  generated: "Generated, not spoken",
};

/** The id of the place on the page where an item is. */
export const itemPlace = (itemId: string): string => `item-${itemId}`;

interface Props {
  items: readonly ConversationItem[];
  turns: readonly ConversationTurn[];
  /** The item the conversation is opened at. */
  meant: string | null;
}

/** What was said, and how much of it was heard. */
export function Items({ items, turns, meant }: Props): ReactElement {
  const turnOf = new Map(turns.map((turn) => [turn.item_id, turn]));
  const cut = items.some((item) => item.role === "assistant" && item.heard_text !== item.generated_text);
  return (
    <>
      {cut && <Legend />}
      <ol className="items">
        {items.map((item) => (
          <Item
            key={item.id}
            item={item}
            latencyMs={turnOf.get(item.id)?.response_latency_ms ?? null}
            meant={item.id === meant}
          />
        ))}
      </ol>
    </>
  );
}

function Legend(): ReactElement {
  return (
    <p className="legend">
      {(Object.keys(REACHED) as Reach[]).map((reach) => (
        <span key={reach} className="piece" data-reach={reach}>
          {REACHED[reach]}
        </span>
      ))}
    </p>
  );
}

const SPEAKERS = { assistant: "Agent", user: "Caller", system: "Instructions" };

interface ItemProps {
  item: ConversationItem;
  latencyMs: number | null;
  meant: boolean;
}

/** An item that did not change is not drawn again, however often the conversation is asked for. */
const Item = memo(
  ItemView,
  (a, b) =>
    a.item.id === b.item.id &&
    a.item.updated_at === b.item.updated_at &&
    a.latencyMs === b.latencyMs &&
    a.meant === b.meant,
);

function ItemView({ item, latencyMs, meant }: ItemProps): ReactElement {
  return (
    <li id={itemPlace(item.id)} data-role={item.role ?? "tool"} data-meant={meant}>
      <h3 title={exact(item.created_at)}>
        {item.role ? SPEAKERS[item.role] : toolName(item)}
        {item.intent && <Badge tone="off">{words(item.intent)}</Badge>}
        {latencyMs !== null && <small>after {milliseconds(latencyMs)}</small>}
      </h3>
      {item.role === null && <Payload text={item.arguments ?? item.output ?? ""} />}
      {item.role === "assistant" && <Reply pieces={piecesOf(item)} />}
      {item.role !== null && item.role !== "assistant" && <p>{item.heard_text}</p>}
    </li>
  );
}

const toolName = ({ type, name }: ConversationItem): string =>
  type === "function_call" ? `Tool: ${words(name ?? "unnamed")}` : "Result of the tool";

/** What a tool was given or gave: JSON in lines where it is JSON. */
function Payload({ text }: { text: string }): ReactElement {
  return <pre>{laidOut(text)}</pre>;
}

function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text;
  }
}

function Reply({ pieces }: { pieces: Piece[] }): ReactElement {
  return (
    <p>
      {pieces.map(({ reach, text }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place
        <span key={index} className="piece" data-reach={reach} title={REACHED[reach]}>
          {text} {reach !== "heard" && <span className="sr">({REACHED[reach].toLowerCase()}) </span>}
        </span>
      ))}
    </p>
  );
}
