import { memo, type ReactElement, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { ConversationItem, ConversationTurn } from "../api/types";
import { Badge, words } from "../parts";
import { exact, milliseconds } from "../times";
import { type Piece, piecesOf, type Reach } from "./heard_text";
import { clock } from "./recording/moments";
import type { Listening } from "./recording/recording";
import { partsTold } from "./stages";

const REACHED: Record<Reach, string> = {
  heard: "Heard",
  sent: "Sent, not heard",
  synthesised: "Spoken, not sent",
  generated: "Generated, not spoken",
};

/** So far below the window its end may be, and who reads it is taken to see it. */
const FOLLOWED_PX = 80;

/** The id of the place on the page where an item is. */
export const itemPlace = (itemId: string): string => `item-${itemId}`;

interface Props {
  items: readonly ConversationItem[];
  turns: readonly ConversationTurn[];
  /** The item the conversation is opened at. */
  meant: string | null;
  listening?: Listening | null;
  /** What the caller is saying now. */
  interim?: { id: string; text: string } | null;
  /** It goes on: who sees its end goes on seeing it. */
  growing?: boolean;
}

/** What was said, and how much of it was heard. */
export function Items({ items, turns, meant, listening, interim, growing = false }: Props): ReactElement {
  const list = useRef<HTMLOListElement>(null);
  const seen = useRef(true);
  useLayoutEffect(() => {
    const last = list.current?.lastElementChild;
    if (growing && seen.current) last?.scrollIntoView?.({ block: "nearest" });
  });
  useEffect(() => {
    const look = (): void => {
      const box = list.current?.getBoundingClientRect();
      seen.current = box !== undefined && box.bottom < innerHeight + FOLLOWED_PX;
    };
    addEventListener("scroll", look, { capture: true, passive: true });
    return () => removeEventListener("scroll", look, { capture: true });
  }, []);
  const turnOf = new Map(turns.map((turn) => [turn.item_id, turn]));
  const cut = items.some((item) => item.role === "assistant" && item.heard_text !== item.generated_text);
  return (
    <>
      {cut && <Legend />}
      <ol className="items" ref={list}>
        {items.map((item) => (
          <Item
            key={item.id}
            item={item}
            turn={turnOf.get(item.id) ?? null}
            meant={item.id === meant}
            startMs={listening?.starts.get(item.id) ?? null}
            onListen={listening?.from ?? null}
            heard={listening?.itemId === item.id}
            word={listening?.itemId === item.id ? listening.word : null}
          />
        ))}
        {interim?.text && (
          <li data-role="user" data-interim="true">
            <h3>{SPEAKERS.user}</h3>
            <p>{interim.text} …</p>
          </li>
        )}
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
  turn: ConversationTurn | null;
  meant: boolean;
  /** Where it begins in the recording. */
  startMs: number | null;
  onListen: ((ms: number) => void) | null;
  /** It is what is heard of the recording now. */
  heard: boolean;
  word: number | null;
}

/** An item that did not change is not drawn again, however often the conversation is asked for. */
const Item = memo(
  ItemView,
  (a, b) =>
    a.item.id === b.item.id &&
    a.item.updated_at === b.item.updated_at &&
    a.turn?.response_latency_ms === b.turn?.response_latency_ms &&
    a.meant === b.meant &&
    a.startMs === b.startMs &&
    a.heard === b.heard &&
    a.word === b.word,
);

function ItemView({ item, turn, meant, startMs, onListen, heard, word }: ItemProps): ReactElement {
  const parts = turn ? partsTold(turn) : [];
  const [chosen, setOpen] = useState<boolean | null>(null);
  const open = chosen ?? meant;
  return (
    <li id={itemPlace(item.id)} data-role={item.role ?? "tool"} data-meant={meant} data-heard={heard}>
      <h3 title={exact(item.created_at)}>
        {item.role ? SPEAKERS[item.role] : toolName(item)}
        {item.said_by && <Badge tone="degraded">a person</Badge>}
        {item.intent && <Badge tone="off">{words(item.intent)}</Badge>}
        {typeof turn?.response_latency_ms === "number" && (
          <After ms={turn.response_latency_ms} open={parts.length > 0 ? open : null} onOpen={setOpen} />
        )}
        {startMs !== null && onListen && (
          <button type="button" className="listen" title="Listen from here" onClick={() => onListen(startMs)}>
            ▶ <span>{clock(startMs)}</span>
            <span className="sr">: listen from here</span>
          </button>
        )}
      </h3>
      {open && parts.length > 0 && <p className="parts">{parts.join(" · ")}</p>}
      {item.role === null && <Payload text={item.arguments ?? item.output ?? ""} />}
      {item.role === "assistant" && <Reply pieces={piecesOf(item)} word={word} />}
      {item.role !== null && item.role !== "assistant" && <p>{item.heard_text}</p>}
    </li>
  );
}

interface AfterProps {
  ms: number;
  /** Whether it is told where the time went; null: it is not known. */
  open: boolean | null;
  onOpen: (open: boolean) => void;
}

function After({ ms, open, onOpen }: AfterProps): ReactElement {
  const words = `after ${milliseconds(ms)}`;
  if (open === null) return <small>{words}</small>;
  return (
    <button
      type="button"
      className="listen"
      aria-expanded={open}
      title="Where the time went"
      onClick={() => onOpen(!open)}
    >
      {words}
    </button>
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

function Reply({ pieces, word }: { pieces: Piece[]; word: number | null }): ReactElement {
  let before = 0;
  return (
    <p>
      {pieces.map(({ reach, text }, index) => {
        const words = text.split(" ");
        const lit = word === null ? -1 : word - before;
        before += words.length;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place
          <span key={index} className="piece" data-reach={reach} title={REACHED[reach]}>
            {lit >= 0 && lit < words.length ? <Lit words={words} lit={lit} /> : text}{" "}
            {reach !== "heard" && <span className="sr">({REACHED[reach].toLowerCase()}) </span>}
          </span>
        );
      })}
    </p>
  );
}

/** The word that is heard of the recording now. */
function Lit({ words, lit }: { words: string[]; lit: number }): ReactElement {
  return (
    <>
      {words.slice(0, lit).join(" ")} <mark>{words[lit]}</mark> {words.slice(lit + 1).join(" ")}
    </>
  );
}
