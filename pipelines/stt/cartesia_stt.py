"""Cartesia Ink: recognition with turns of its own, on ``/stt/turns/websocket``.

Field names as in cartesia 4.2, ``types.stt`` (auto finalize). The protocol has no words, no times, and no way to end a
turn from outside: a finished utterance waits a moment, then has the text understood so far.
"""

from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec
from msgspec import Struct

from pipelines.stt.live_socket import SocketRules, handshake_error, session_for
from pipelines.stt.port import SttError, SttOptions
from pipelines.stt.turn_stream import ONSET_MS, TurnStream

VERSION = "2026-08-14"
_MOST_KEYTERMS = 100
_KEYTERM_LETTERS = 1200


class _Message(Struct):
    type: str
    transcript: str = ""
    status_code: int = 0


_decode = msgspec.json.Decoder(_Message).decode


class InkTurns(Struct, frozen=True):
    """A turn ends when the likelihood of speech falls *below* a threshold: the other way round than at Deepgram.
    None: the vendor's value."""

    start_threshold: float | None = None
    eager_end_threshold: float | None = None
    end_threshold: float | None = None
    end_timeout_ms: int | None = None


class CartesiaRecognizer:
    """The recogniser of all conversations of the process. Use it within one event loop."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = "wss://api.cartesia.ai",
        model: str = "ink-2",
        sample_rate: int = 16_000,
        chunk_ms: float = 80.0,
        turns: InkTurns = InkTurns(),  # noqa: B008 - frozen
        rules: SocketRules = SocketRules(),  # noqa: B008 - frozen
    ) -> None:
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._base_url = base_url.rstrip("/")
        self._model = model
        self._sample_rate = sample_rate
        self._chunk_ms = chunk_ms
        self._turns = turns
        self._rules = rules
        self._session: aiohttp.ClientSession | None = None
        self.healthy = True
        """Whether the last stream could be opened."""

    @property
    def name(self) -> str:
        return "cartesia"

    @property
    def sample_rate(self) -> int:
        return self._sample_rate

    @property
    def continuous(self) -> bool:
        return True

    @property
    def detects_turns(self) -> bool:
        return True

    @property
    def guesses(self) -> bool:
        return False

    async def open(self, options: SttOptions) -> "InkStream":
        """Raises SttError."""
        if self._session is None:
            self._session = session_for(self._headers)
        stream = InkStream(self._session, self._url(options), self._sample_rate, self._chunk_ms, self._rules)
        try:
            await stream.open()
        except SttError:
            self.healthy = False
            raise
        self.healthy = True
        return stream

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _url(self, options: SttOptions) -> str:
        query: dict[str, Any] = {
            "cartesia_version": VERSION,
            "model": self._model,
            "encoding": "pcm_s16le",
            "sample_rate": self._sample_rate,
            "keyterm": _allowed(options.keyterms),
        }
        for name in self._turns.__struct_fields__:
            if (value := getattr(self._turns, name)) is not None:
                query[f"turn_{name}"] = value
        return f"{self._base_url}/stt/turns/websocket?{urlencode(query, doseq=True)}"


def _allowed(keyterms: tuple[str, ...]) -> list[str]:
    """As many as the vendor takes: with more it refuses the connection."""
    kept: list[str] = []
    for term in keyterms[:_MOST_KEYTERMS]:
        if sum(map(len, kept)) + len(term) > _KEYTERM_LETTERS:
            break
        kept.append(term)
    return kept


class InkStream(TurnStream):
    """One caller. Made by ``CartesiaRecognizer.open``."""

    goodbye = '{"type":"close"}'

    def end_turn(self) -> None:
        """The protocol cannot."""

    def read(self, text: bytes, offset_ms: float) -> None:
        """Messages that make no sense are left out: each has the whole turn so far."""
        try:
            message = _decode(text)
        except msgspec.MsgspecError:
            return
        if message.type == "error":
            error = handshake_error(message.status_code or 500)
            raise SttError(error.code, "cartesia ended the session", retryable=error.retryable)
        self.socket.answered()
        match message.type:
            case "turn.start":
                self.turn_started()
            case "turn.update":
                self.book.updated(message.transcript)
            case "turn.eager_end":
                self.book.eager(message.transcript)
            case "turn.resume":
                self.book.resumed()
            case "turn.end":
                self.book.ended(message.transcript)
                self.socket.settle(self.given_ms - ONSET_MS)
        self.tell()

    def send_audio(self, pcm: bytes) -> None:
        """Between turns nothing tells what is settled: the last second is kept."""
        super().send_audio(pcm)
        if not self.book.is_running and not self.book.is_open:
            self.socket.settle(self.given_ms - ONSET_MS)
