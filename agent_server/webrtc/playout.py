"""The agent's voice on its way to the wire, frame by frame, and how much of it the caller has heard. Pure.

What was put on the wire is known to the frame. It is heard ``delay_ms`` later: the way there, and what the client keeps
ready against jitter. What is on the wire cannot be called back, so a reply that is cut was heard as far as it was sent.
"""

from collections import deque

from msgspec import Struct

from pipelines.conversation.facts import PlaybackReported

FRAME_MS = 20.0
FRAME_BYTES = 960
"""24 kHz, 16 bit, mono."""

BYTES_PER_MS = 48


class _Piece(Struct):
    """Audio of one reply that waits. ``at``: how much of it was sent."""

    item_id: str
    pcm: bytes
    is_last: bool = False
    at: int = 0


class _Sent(Struct, frozen=True):
    item_id: str
    until_ms: float
    at_ms: float
    final: bool


class Playout:
    """One call's. Times are milliseconds of any one clock."""

    def __init__(self, delay_ms: float) -> None:
        self.delay_ms = delay_ms
        self._pieces: deque[_Piece] = deque()
        self._sent_bytes: dict[str, int] = {}
        """Of each reply that is not over."""
        self._on_way: deque[_Sent] = deque()
        self._is_held = False

    @property
    def is_idle(self) -> bool:
        """Nothing waits, and all that was sent has been heard."""
        return not self._pieces and not self._on_way

    @property
    def is_ending(self) -> bool:
        """All there is has been sent."""
        return not self._pieces

    def play(self, item_id: str, pcm: bytes) -> None:
        """More of a reply."""
        self._sent_bytes.setdefault(item_id, 0)
        self._pieces.append(_Piece(item_id, pcm))

    def end(self, item_id: str) -> None:
        """That was all of a reply. Of one that has no audio, or was cut, nothing follows."""
        if item_id in self._sent_bytes:
            self._pieces.append(_Piece(item_id, b"", is_last=True))

    def hold(self) -> None:
        """Fall silent now."""
        self._is_held = True

    def resume(self) -> None:
        """Go on where it stopped."""
        self._is_held = False

    def frame(self, now_ms: float) -> bytes | None:
        """The next 20 ms for the wire; None: silence. The end of a reply is filled up with silence; in its middle a
        frame that is not full yet waits for the rest."""
        if self._is_held or not self._pieces or not self._is_frame_ready():
            return None
        frame = bytearray()
        while self._pieces and len(frame) < FRAME_BYTES:
            piece = self._pieces[0]
            taken = piece.pcm[piece.at : piece.at + FRAME_BYTES - len(frame)]
            frame += taken
            piece.at += len(taken)
            sent = self._sent_bytes[piece.item_id] = self._sent_bytes[piece.item_id] + len(taken)
            self._on_way.append(_Sent(piece.item_id, sent / BYTES_PER_MS, now_ms, piece.is_last))
            if piece.is_last:
                del self._sent_bytes[piece.item_id]
            if piece.at == len(piece.pcm):
                self._pieces.popleft()
        self._let_go_of_ends(now_ms)
        return bytes(frame).ljust(FRAME_BYTES, b"\0") if frame else None

    def heard(self, now_ms: float) -> list[PlaybackReported]:
        """What the caller has heard since this was asked last, the latest of each reply."""
        news: dict[str, PlaybackReported] = {}
        while self._on_way and self._on_way[0].at_ms + self.delay_ms <= now_ms:
            sent = self._on_way.popleft()
            news[sent.item_id] = PlaybackReported(sent.item_id, sent.until_ms, sent.final)
        return list(news.values())

    def cut(self) -> list[PlaybackReported]:
        """Play no more of anything. How far each reply that was not sent to its end will have been heard."""
        heard = {item_id: sent_bytes / BYTES_PER_MS for item_id, sent_bytes in self._sent_bytes.items()}
        self._pieces.clear()
        self._on_way.clear()
        self._sent_bytes.clear()
        self._is_held = False
        return [PlaybackReported(item_id, audio_ms, final=True) for item_id, audio_ms in heard.items()]

    def _is_frame_ready(self) -> bool:
        waiting = 0
        for piece in self._pieces:
            waiting += len(piece.pcm) - piece.at
            if piece.is_last or waiting >= FRAME_BYTES:
                return True
        return False

    def _let_go_of_ends(self, now_ms: float) -> None:
        """An end right behind the frame is sent with it."""
        while self._pieces and self._pieces[0].is_last:
            piece = self._pieces.popleft()
            sent = self._sent_bytes.pop(piece.item_id)
            self._on_way.append(_Sent(piece.item_id, sent / BYTES_PER_MS, now_ms, final=True))
