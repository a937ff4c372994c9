"""A stream of a recogniser that detects turns: the common part of Deepgram Flux and Cartesia's turns."""

from abc import ABC, abstractmethod

import aiohttp

from pipelines.deadline import after
from pipelines.stt.backlog import Backlog
from pipelines.stt.book_stream import BookStream
from pipelines.stt.live_socket import LiveSocket, SocketRules
from pipelines.stt.turn_book import TurnBook

ONSET_MS = 1000.0
"""Audio kept before what the recogniser has dealt with: a turn may have begun in it."""

ANSWER_S = 0.6
"""How long a finished utterance waits for the recogniser before what was understood so far is its text."""

SILENT_S = 1.2
"""A recogniser tells what it hears several times a second; one that said nothing for so long has not heard the end."""


class TurnStream(BookStream[TurnBook], ABC):
    """One caller. Subclasses read the vendor's messages into ``book``."""

    goodbye: str

    def __init__(
        self, session: aiohttp.ClientSession, url: str, sample_rate: int, chunk_ms: float, rules: SocketRules
    ) -> None:
        super().__init__(TurnBook())
        backlog = Backlog(sample_rate, chunk_ms=chunk_ms, max_ms=rules.max_ms)
        self.socket = LiveSocket(session, url, self, backlog, rules)
        self._backlog = backlog
        self._quiet_bytes = int(sample_rate * chunk_ms / 1000) * 2
        self._quiet_ms = chunk_ms

    @abstractmethod
    def read(self, text: bytes, offset_ms: float) -> None:
        """Raises SttError when the session is over."""

    @abstractmethod
    def end_turn(self) -> None:
        """Ask the recogniser to end its turn now, where it can."""

    async def open(self) -> None:
        """Raises SttError."""
        await self.socket.open(self.goodbye)

    def begin(self, utterance: int) -> None:
        """A voice was noticed: from here to the end of the turn audio goes out as it comes."""
        self.book.begin(utterance)
        self.socket.hurry()
        self.socket.expect_answer()

    def send_audio(self, pcm: bytes) -> None:
        if not self.is_over:
            self.socket.send_audio(pcm, at_once=self.expects_more)

    def finish(self, utterance: int) -> None:
        if self.is_over:
            return  # the reader was told
        if self.book.finish(utterance):
            self.end_turn()
            self.timers[utterance] = after(ANSWER_S, self._give_up, utterance)
        self.tell()

    def abandon(self, utterance: int) -> None:
        self.book.abandon(utterance)

    def quiet(self) -> None:
        """These protocols know no keep-alive message."""
        self.socket.insert_silence(bytes(self._quiet_bytes), self._quiet_ms)

    def replaced(self) -> None:
        self.book.broken()
        self.tell()

    @property
    def expects_more(self) -> bool:
        return self.book.is_running or self.book.is_open

    @property
    def given_ms(self) -> float:
        """All audio of the caller's so far."""
        return self._backlog.given_ms

    def turn_started(self) -> None:
        self.book.started()
        if self.book.is_finishing:  # voice activity was first: the caller is silent already
            self.end_turn()

    def _give_up(self, utterance: int) -> None:
        del self.timers[utterance]
        self.book.give_up(utterance, is_complete=self.socket.answered_s_ago < SILENT_S)
        self.tell()
