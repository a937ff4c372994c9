"""What a carrier was given to play, and how much of it the caller has heard. Pure.

A carrier plays what it gets in order, and cannot hold it: ``hold`` has it drop what it did not play yet, ``resume``
gives that to it again. Behind every piece goes a mark that the carrier sends back once it has played so far. It sends
all of them back when it drops audio, too: those are no news. Between marks the clock tells: audio plays in real time.
"""

from collections import deque

from msgspec import Struct

from pipelines.conversation.facts import PlaybackReported

BYTES_PER_MS = 8
"""G.711."""

MARKS_LATE_MS = 3000.0
"""Behind the clock. Then a carrier sends none back."""

MOST_PIECES = 64
"""Twenty times what lies ahead of an ear. A carrier that sends no marks back has played what is older."""


class Sound(Struct, frozen=True):
    """Play this next."""

    audio: bytes


class Mark(Struct, frozen=True):
    """Send this back when everything before it was played."""

    name: str


class Drop(Struct, frozen=True):
    """Play nothing of what was given and not played yet."""


Order = Sound | Mark | Drop


class _Piece(Struct, frozen=True):
    item_id: str
    from_ms: float
    """In its reply."""
    audio: bytes
    is_last: bool = False

    @property
    def length_ms(self) -> float:
        return len(self.audio) / BYTES_PER_MS

    @property
    def report(self) -> PlaybackReported:
        """Once it was played."""
        return PlaybackReported(self.item_id, self.from_ms + self.length_ms, final=self.is_last)


class CarrierPlayback:
    """One call's. Times are milliseconds of any one clock."""

    def __init__(self) -> None:
        self._pieces: deque[_Piece] = deque()
        """Given to the carrier, or held back, and not known to be played; in order."""
        self._given_ms: dict[str, float] = {}
        """Of each reply that is not over."""
        self._first_mark = 0
        """The mark behind the oldest piece; those behind the others follow."""
        self._playing_since_ms = 0.0
        self._is_held = False

    @property
    def is_idle(self) -> bool:
        """Nothing is being played, or waits to be."""
        return not self._pieces

    def play(self, item_id: str, audio: bytes, now_ms: float) -> list[Order]:
        """More of a reply."""
        from_ms = self._given_ms.get(item_id, 0.0)
        self._given_ms[item_id] = from_ms + len(audio) / BYTES_PER_MS
        return self._give(_Piece(item_id, from_ms, audio), now_ms)

    def end(self, item_id: str, now_ms: float) -> list[Order]:
        """That was all of a reply."""
        given_ms = self._given_ms.pop(item_id, None)
        if given_ms is None:
            return []  # nothing of it is audible, or it was cut
        return self._give(_Piece(item_id, given_ms, b"", is_last=True), now_ms)

    def returned(self, name: str, now_ms: float) -> PlaybackReported | None:
        """A mark came back. None: it tells nothing."""
        if self._is_held or not name.isdecimal():
            return None
        passed = int(name) - self._first_mark + 1
        if not 0 < passed <= len(self._pieces):
            return None
        for _ in range(passed):
            piece = self._pieces.popleft()
        self._first_mark += passed
        self._playing_since_ms = now_ms
        return piece.report

    def overdue(self, now_ms: float) -> list[PlaybackReported]:
        """What must have been played long ago, although no mark came back: how far each reply was heard."""
        if self._is_held:
            return []
        if now_ms < self._playing_since_ms + sum(piece.length_ms for piece in self._pieces) + MARKS_LATE_MS:
            return []
        last = {piece.item_id: piece.report for piece in self._pieces}
        self._first_mark += len(self._pieces)
        self._pieces.clear()
        return [*last.values()]

    def hold(self, now_ms: float) -> list[Order]:
        """Fall silent now."""
        if self._is_held or not self._pieces:
            return []
        self._let_go_of_played(now_ms)
        self._is_held = True
        return [Drop()]

    def resume(self, now_ms: float) -> list[Order]:
        """Go on where it stopped."""
        if not self._is_held:
            return []
        self._is_held = False
        self._playing_since_ms = now_ms
        return [
            order for number, piece in enumerate(self._pieces) for order in _orders(piece, self._first_mark + number)
        ]

    def cut(self, now_ms: float) -> tuple[list[Order], list[PlaybackReported]]:
        """Play no more of anything that was given. Second: how far each reply was heard."""
        orders: list[Order] = []
        if self._pieces and not self._is_held:
            self._let_go_of_played(now_ms)
            orders = [Drop()]
        heard: dict[str, float] = {}
        for piece in self._pieces:
            heard.setdefault(piece.item_id, piece.from_ms)
        for item_id, given_ms in self._given_ms.items():  # all of it was played, and more was to come
            heard.setdefault(item_id, given_ms)
        self._first_mark += len(self._pieces)
        self._pieces.clear()
        self._given_ms.clear()
        self._is_held = False
        return orders, [PlaybackReported(item_id, heard_ms, final=True) for item_id, heard_ms in heard.items()]

    def _give(self, piece: _Piece, now_ms: float) -> list[Order]:
        if not self._pieces:
            self._playing_since_ms = now_ms
        if len(self._pieces) == MOST_PIECES:
            self._playing_since_ms += self._pieces.popleft().length_ms
            self._first_mark += 1
        self._pieces.append(piece)
        return [] if self._is_held else _orders(piece, self._first_mark + len(self._pieces) - 1)

    def _let_go_of_played(self, now_ms: float) -> None:
        """By the clock. The marks of what is left get other names: the carrier sends back the old ones."""
        played_ms = max(0.0, now_ms - self._playing_since_ms)
        self._first_mark += len(self._pieces)
        while self._pieces and self._pieces[0].length_ms <= played_ms and len(self._pieces) > 1:
            played_ms -= self._pieces.popleft().length_ms
        piece = self._pieces[0]
        at = min(int(played_ms * BYTES_PER_MS), len(piece.audio))
        self._pieces[0] = _Piece(piece.item_id, piece.from_ms + at / BYTES_PER_MS, piece.audio[at:], piece.is_last)


def _orders(piece: _Piece, number: int) -> list[Order]:
    mark = Mark(str(number))
    return [Sound(piece.audio), mark] if piece.audio else [mark]
