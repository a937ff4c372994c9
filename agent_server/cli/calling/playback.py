"""The caller's loudspeaker as a model: what is heard when, and what the server is told about it.

Audio is played at its own pace from the moment it came; where there is none, silence is heard. Positions are whole
milliseconds of an item's audio, rounded down: never more than was heard.
"""

from collections import deque

from msgspec import Struct

SAMPLE_RATE = 24_000
SAMPLES_PER_MS = SAMPLE_RATE // 1000
BYTES_PER_SAMPLE = 2
REPORT_EVERY_MS = 250.0
HOLD_LIMIT_MS = 3000.0
"""A hold that the server neither takes back nor confirms ends by itself."""

MAX_ITEMS = 64
"""Items and cut responses remembered; past this the oldest is forgotten."""


class Progress(Struct, frozen=True):
    """How much of an item was heard. ``final``: no more of it will be."""

    item_id: str
    audio_ms: int
    final: bool


class Stretch(Struct, frozen=True):
    """A piece of what is heard. ``response_id`` is None for silence."""

    response_id: str | None
    pcm: bytes


class _Item(Struct):
    response_id: str
    received: int = 0
    played: int = 0
    reported_ms: int = -1
    is_ended: bool = False
    is_closed: bool = False

    @property
    def played_ms(self) -> int:
        return self.played // SAMPLES_PER_MS


class Playback:
    """Plays items one after the other, in the order their audio came."""

    def __init__(self) -> None:
        self._queue: deque[tuple[str, bytes]] = deque()
        self._offset = 0
        self._items: dict[str, _Item] = {}
        self._cut_responses: dict[str, None] = {}
        self._held_until_ms: float | None = None
        self._reported_at_ms = float("-inf")

    @property
    def is_idle(self) -> bool:
        """Nothing waits to be heard."""
        return not self._queue

    def add(self, item_id: str, response_id: str, pcm: bytes) -> None:
        """More audio of an item, whole samples. Dropped when the item or its response was cut."""
        item = self._items.get(item_id)
        if response_id in self._cut_responses or (item is not None and item.is_closed):
            return
        if item is None:
            item = self._items[item_id] = _Item(response_id)
            _forget_oldest(self._items)
        item.received += len(pcm) // BYTES_PER_SAMPLE
        if pcm:
            self._queue.append((item_id, pcm))

    def end(self, item_id: str) -> None:
        """No more audio of it will come."""
        if item_id in self._items:
            self._items[item_id].is_ended = True

    def play(self, samples: int) -> Stretch:
        """What is heard next: audio of one response or silence, ``samples`` at most, at least one."""
        if not self._queue or self._held_until_ms is not None:
            return Stretch(None, bytes(samples * BYTES_PER_SAMPLE))
        item_id, pcm = self._queue[0]
        item = self._items[item_id]
        part = pcm[self._offset : self._offset + samples * BYTES_PER_SAMPLE]
        item.played += len(part) // BYTES_PER_SAMPLE
        self._offset += len(part)
        if self._offset >= len(pcm):
            self._queue.popleft()
            self._offset = 0
        return Stretch(item.response_id, part)

    def hold(self, item_id: str, now_ms: float) -> None:
        """Stop where it is, if this item is being played: the caller may be interrupting."""
        item = self._items.get(item_id)
        if item is not None and not item.is_closed:
            self._held_until_ms = now_ms + HOLD_LIMIT_MS

    def release(self) -> None:
        self._held_until_ms = None

    def cut(self, response_id: str | None = None) -> list[Progress]:
        """Stop for good: drop what waits and what is still to come of it, and of the response named.

        Tells how much was heard of each item.
        """
        self.release()
        if response_id is not None:
            self._cut_responses[response_id] = None
        self._queue.clear()
        self._offset = 0
        heard = []
        for item_id, item in self._items.items():
            if item.is_closed:
                continue
            item.is_closed = True
            self._cut_responses[item.response_id] = None
            heard.append(Progress(item_id, item.played_ms, final=True))
        _forget_oldest(self._cut_responses)
        return heard

    def due_reports(self, now_ms: float) -> list[Progress]:
        """What the server is to be told now: each end at once, progress about four times a second."""
        if self._held_until_ms is not None and now_ms >= self._held_until_ms:
            self.release()
        reports = []
        for item_id, item in self._items.items():
            if item.is_closed:
                continue
            if item.is_ended and item.played == item.received:
                item.is_closed = True
                reports.append(Progress(item_id, item.played_ms, final=True))
            elif item.played_ms not in (0, item.reported_ms) and now_ms - self._reported_at_ms >= REPORT_EVERY_MS:
                item.reported_ms = item.played_ms
                self._reported_at_ms = now_ms
                reports.append(Progress(item_id, item.played_ms, final=False))
        return reports


def _forget_oldest(entries: dict[str, _Item] | dict[str, None]) -> None:
    if len(entries) > MAX_ITEMS:
        del entries[next(iter(entries))]
