"""Cartesia Ink: recognition with turns of its own, on ``/stt/turns/websocket``.

Field names as in cartesia 4.2, ``types.stt`` (auto finalize). The protocol has no words, no times, and no way to end a
turn from outside: a finished utterance waits a moment, then has the text understood so far.
"""

from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec
from msgspec import Struct

from pipelines.stt.live_recognizer import LiveRecognizer
from pipelines.stt.live_socket import SocketRules, handshake_error
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


class CartesiaRecognizer(LiveRecognizer):
    """See ``LiveRecognizer``."""

    name = "cartesia"
    languages = frozenset({"en", "es", "fr", "hi", "ja"})
    """Of ink-2, which finds out by itself which of them is spoken."""
    detects_turns = True

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
        headers = {"Authorization": f"Bearer {api_key}"}
        super().__init__(headers, base_url=base_url, sample_rate=sample_rate, chunk_ms=chunk_ms, rules=rules)
        self._model = model
        self._turns = turns

    def _path(self, options: SttOptions) -> str:
        query: dict[str, Any] = {
            "cartesia_version": VERSION,
            "model": self._model,
            "encoding": "pcm_s16le",
            "sample_rate": self.sample_rate,
            "keyterm": _allowed(options.keyterms),
        }
        for name in self._turns.__struct_fields__:
            if (value := getattr(self._turns, name)) is not None:
                query[f"turn_{name}"] = value
        return f"/stt/turns/websocket?{urlencode(query, doseq=True)}"

    def _stream(self, session: aiohttp.ClientSession, url: str) -> "InkStream":
        return InkStream(session, url, self.sample_rate, self._chunk_ms, self._rules)


def _allowed(keyterms: tuple[str, ...]) -> list[str]:
    """As many as the vendor takes: with more it refuses the connection."""
    kept: list[str] = []
    for term in keyterms[:_MOST_KEYTERMS]:
        if sum(map(len, kept)) + len(term) > _KEYTERM_LETTERS:
            break
        kept.append(term)
    return kept


class InkStream(TurnStream):
    """One caller. Made by ``CartesiaRecognizer``."""

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
