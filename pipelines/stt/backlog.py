"""Audio on its way to a recogniser: cut into chunks, kept until it is settled, sent again after a break. Pure."""

from collections import deque

from msgspec import Struct

_SAMPLE_BYTES = 2


class Chunk(Struct, frozen=True):
    """``start_ms``: where in all audio given to the stream it begins."""

    start_ms: float
    end_ms: float
    pcm: bytes


class Backlog:
    """Chunks and commands in order. Times are milliseconds of audio given to the stream.

    At most ``max_ms`` of audio is kept, sent or not; past it the oldest goes.
    """

    def __init__(self, sample_rate: int, *, chunk_ms: float, max_ms: float) -> None:
        self._bytes_per_ms = sample_rate * _SAMPLE_BYTES / 1000
        self._chunk_bytes = int(self._bytes_per_ms * chunk_ms) // _SAMPLE_BYTES * _SAMPLE_BYTES
        self._max_ms = max_ms
        self._partial = bytearray()
        self._cut_bytes = 0
        self._waiting: deque[Chunk | str] = deque()
        self._sent: deque[Chunk] = deque()

    @property
    def given_ms(self) -> float:
        """All audio so far."""
        return (self._cut_bytes + len(self._partial)) / self._bytes_per_ms

    @property
    def has_waiting(self) -> bool:
        return bool(self._waiting)

    def add_audio(self, pcm: bytes, *, at_once: bool = False) -> bool:
        """Take audio, ``at_once``: without waiting for a whole chunk. False when old audio had to go unsent."""
        if at_once and len(pcm) <= self._chunk_bytes:
            self.flush()
            self._enqueue(pcm)
        else:
            self._partial += pcm
            if len(self._partial) < self._chunk_bytes:
                return True
            while len(self._partial) >= self._chunk_bytes:
                self._cut(self._chunk_bytes)
        return self._shed()

    def flush(self) -> None:
        """What does not fill a chunk goes too."""
        if self._partial:
            self._cut(len(self._partial))

    def add_command(self, text: str) -> None:
        """After all audio so far, that of an incomplete chunk included."""
        self.flush()
        self._waiting.append(text)

    def take(self) -> Chunk | str | None:
        """The next thing to send."""
        if not self._waiting:
            return None
        item = self._waiting.popleft()
        if isinstance(item, Chunk):
            self._sent.append(item)
        return item

    def settle(self, until_ms: float) -> None:
        """Audio up to there is not needed again."""
        while self._sent and self._sent[0].end_ms <= until_ms:
            self._sent.popleft()

    def clear(self) -> None:
        """Nothing will be sent any more."""
        self._partial.clear()
        self._waiting.clear()
        self._sent.clear()

    def rewind(self) -> float:
        """The connection broke: everything unsettled is to be sent again. Returns where that audio begins."""
        self._waiting.extendleft(reversed(self._sent))
        self._sent.clear()
        for item in self._waiting:
            if isinstance(item, Chunk):
                return item.start_ms
        return self._cut_bytes / self._bytes_per_ms

    def _cut(self, size: int) -> None:
        self._enqueue(bytes(self._partial[:size]))
        del self._partial[:size]

    def _enqueue(self, pcm: bytes) -> None:
        start_ms = self._cut_bytes / self._bytes_per_ms
        self._cut_bytes += len(pcm)
        self._waiting.append(Chunk(start_ms, self._cut_bytes / self._bytes_per_ms, pcm))

    def _shed(self) -> bool:
        oldest_ms = self._cut_bytes / self._bytes_per_ms - self._max_ms
        self.settle(oldest_ms)
        lost = False
        while self._waiting and isinstance(first := self._waiting[0], Chunk) and first.end_ms <= oldest_ms:
            self._waiting.popleft()
            lost = True
        return not lost
