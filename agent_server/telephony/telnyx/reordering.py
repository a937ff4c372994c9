"""Puts a caller's audio back in order: Telnyx numbers its pieces, and may send a later one first. Pure."""

MOST_HELD = 5
"""Pieces of 20 ms that wait for one that is missing; then it is lost. So late the caller's words may come."""

ANEW = 1000
"""A number so far behind is no late piece: the carrier counts from the beginning again."""


class Reordering:
    """Of one stream. Numbers begin with 1; a stream that begins with another waits for those before it as for any."""

    def __init__(self) -> None:
        self._next = 1
        self._held: dict[int, bytes] = {}

    def take(self, number: int, audio: bytes) -> list[bytes]:
        """What is next in order by now. A piece that comes twice, or too late, is dropped."""
        if number <= self._next - ANEW:
            self._next, self._held = number, {}
        if number < self._next or number in self._held:
            return []
        self._held[number] = audio
        if len(self._held) > MOST_HELD:
            self._next = min(self._held)
        ready = []
        while (piece := self._held.pop(self._next, None)) is not None:
            ready.append(piece)
            self._next += 1
        return ready
