"""The conversation's items in order, and the model context made of them."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from msgspec import structs

from pipelines.conversation.items import Item, Part
from pipelines.llm.port import Message, ToolCall
from pipelines.unheard import INAUDIBLE, SILENCE

ROOT = "root"
POSITION_STEP = 1024.0
"""Distance between appended items; inserts take the middle. 2**-40 of it still tells two apart in a double."""


class UnknownItemError(Exception):
    """No item of that id is in the conversation."""


class History:
    """The latest items by id, in order: those that models are shown, and that clients mostly ask for. Older ones are on
    record alone; what a client asks of them, it asks of those brought ``aside`` for that.

    Appending, reading and replacing are O(1); inserting, deleting and letting go O(n).
    """

    def __init__(self, items: Iterable[tuple[Item, float]] = (), *, older_from: float | None = None) -> None:
        """``older_from``: the first position of all, where there are older items than these."""
        self._items: dict[str, Item] = {}
        self._positions: dict[str, float] = {}
        self._aside: dict[str, tuple[Item, float]] = {}
        self._older_from = older_from
        self._last = 0.0
        for item, position in items:
            self._items[item.id] = item
            self._positions[item.id] = self._last = position

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._items or item_id in self._aside

    @property
    def has_older(self) -> bool:
        """There are items that are on record alone."""
        return self._older_from is not None

    def get(self, item_id: str) -> Item:
        """Raises UnknownItemError."""
        if (item := self._items.get(item_id)) is not None:
            return item
        if item_id in self._aside:
            return self._aside[item_id][0]
        raise UnknownItemError(item_id)

    def position(self, item_id: str) -> float:
        return self._positions[item_id] if item_id in self._positions else self._aside[item_id][1]

    def append(self, item: Item) -> None:
        self._last += POSITION_STEP
        self._items[item.id] = item
        self._positions[item.id] = self._last

    def insert_after(self, item: Item, previous_item_id: str) -> None:
        """Insert after an item, or first for "root". Raises UnknownItemError."""
        order = list(self._items)
        if previous_item_id == ROOT:
            index = 0
        elif previous_item_id in self._items:
            index = order.index(previous_item_id) + 1
        else:
            raise UnknownItemError(previous_item_id)
        before = self._positions[order[index - 1]] if index else None
        after = self._positions[order[index]] if index < len(order) else None
        if after is None:
            self.append(item)
            return
        if before is not None:
            position = (before + after) / 2
        elif self._older_from is None:
            position = after - POSITION_STEP
        else:
            position = self._older_from = self._older_from - POSITION_STEP
        order.insert(index, item.id)
        items = {**self._items, item.id: item}
        positions = {**self._positions, item.id: position}
        self._items = {item_id: items[item_id] for item_id in order}
        self._positions = {item_id: positions[item_id] for item_id in order}

    def replace(self, item: Item) -> None:
        if item.id in self._items:
            self._items[item.id] = item
        else:
            self._aside[item.id] = (item, self.position(item.id))

    def delete(self, item_id: str) -> None:
        """Raises UnknownItemError."""
        self.get(item_id)
        self._items.pop(item_id, None)
        self._positions.pop(item_id, None)
        self._aside.pop(item_id, None)

    def put_aside(self, items: Iterable[tuple[Item, float]]) -> None:
        """Older items that a client asks for, instead of those it asked for before."""
        self._aside = {item.id: (item, position) for item, position in items if item.id not in self._items}

    def let_go(self, keep: int) -> tuple[Item, ...]:
        """Of the items only the latest stay; returns the others."""
        gone = tuple(self._items.values())[: len(self._items) - keep]
        first = min((self._positions[item.id] for item in gone), default=self._older_from)
        if self._older_from is None or (first is not None and first < self._older_from):
            self._older_from = first
        for item in gone:
            self.delete(item.id)
        return gone

    def last_id(self) -> str | None:
        """The last item that clients know of: the predecessor of whatever is appended next."""
        return next((item.id for item in reversed(self._items.values()) if not item.own_tool), None)

    def previous_id(self, item_id: str) -> str | None:
        """The item before this one that clients know of."""
        previous = None
        for item in self._items.values():
            if item.id == item_id:
                return previous
            if not item.own_tool:
                previous = item.id
        raise UnknownItemError(item_id)


_NO_WORDS: Final = (Part("input_audio", ""),)


STILL_RUNNING = (
    '{"ok":false,"status":"running","message":"Still at work; its result will follow. Do not call it again."}'
)


RETRIEVED_BEFORE = '{"note":"Looked up in an earlier turn. Look again if it is needed."}'
"""What stands for a retrieved text once its turn is over: whatever it says, it is not read again."""


def context(
    instructions: str,
    items: Iterable[Item],
    *,
    running: Collection[str | None] = (),
    news: Collection[str | None] = (),
    retrieving: Collection[str] = (),
    briefing: str = "",
) -> tuple[Message, ...]:
    """The messages a model gets: only words that were said, written or heard.

    A call stands where its result came, since providers want the two together; those of ``news``, which the caller has
    not been told yet, at the end. One of the ``running`` says so; other calls without a result are left out. Results of
    the ``retrieving`` tools are shown in the turn that asked for them, and as news. The ``briefing`` stands before the
    caller's last words, or behind all where those are not known, so that what comes before stays the same from turn to
    turn and can be cached.
    """
    items = list(items)
    turn_began = max((n for n, item in enumerate(items) if item.role == "user"), default=-1)
    calls = {item.call_id: item for item in items if item.type == "function_call"}
    messages = [Message(role="system", content=instructions)] if instructions else []
    outputs: list[tuple[Item, str]] = []
    late: list[tuple[Item, str]] = []
    brief = Message(role="system", content=briefing, passing=True)
    for position, item in enumerate(items):
        if item.type == "function_call_output" and item.call_id in calls:
            call, is_news = calls[item.call_id], item.call_id in news
            is_past = position < turn_began and not is_news and call.own_tool and call.name in retrieving
            (late if is_news else outputs).append((call, RETRIEVED_BEFORE if is_past else item.output))
        elif item.type == "function_call" and item.call_id in running:
            outputs.append((item, STILL_RUNNING))
        elif item.role is not None and (words := item.words or _unheard(item)):
            _add_results(messages, outputs)
            if briefing and position == turn_began:
                messages.append(brief)
            messages.append(Message(role=item.role, content=words))
    _add_results(messages, outputs)
    if briefing and brief not in messages:
        messages.append(brief)
    _add_results(messages, late)
    return tuple(messages)


def _unheard(item: Item) -> str:
    if item.parts != _NO_WORDS:
        return ""
    return INAUDIBLE if item.audio_ms else SILENCE


def reads_retrieved(messages: Iterable[Message], retrieving: Collection[str]) -> bool:
    """Whether a model given these messages reads what others wrote."""
    calls: dict[str, str] = {}
    for message in messages:
        calls |= {call.call_id: call.name for call in message.tool_calls}
        if message.role != "tool" or message.content in (RETRIEVED_BEFORE, STILL_RUNNING):
            continue
        if calls.get(message.tool_call_id or "") in retrieving:
            return True
    return False


def _add_results(messages: list[Message], outputs: list[tuple[Item, str]]) -> None:
    """Calls belong to the assistant message just before them; those with nothing said between them share one."""
    if not outputs:
        return
    calls = tuple(
        ToolCall(call_id=call.call_id or "", name=call.name or "", arguments=call.arguments) for call, _ in outputs
    )
    if messages and messages[-1].role == "assistant":
        messages[-1] = structs.replace(messages[-1], tool_calls=calls)
    else:
        messages.append(Message(role="assistant", tool_calls=calls))
    messages += [Message(role="tool", content=output, tool_call_id=call.call_id) for call, output in outputs]
    outputs.clear()
