"""Deepgram Flux: recognition with turns of its own, on ``/v2/listen``.

Messages: https://developers.deepgram.com/docs/flux; field names as in deepgram-sdk 7.17, ``listen.v2.types``.
"""

from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec
from msgspec import Struct

from pipelines.stt.live_recognizer import LiveRecognizer
from pipelines.stt.live_socket import SocketRules
from pipelines.stt.port import SttError, SttOptions, Word
from pipelines.stt.turn_stream import ONSET_MS, TurnStream

_FATAL_CODES = frozenset({"UNPARSABLE_CLIENT_MESSAGE", "UNDECODABLE_AUDIO"})
"""Our own fault: another connection would meet it again."""


class _Word(Struct):
    word: str = ""
    start: float = 0.0
    end: float = 0.0
    confidence: float | None = None


class _Message(Struct):
    type: str
    event: str = ""
    transcript: str = ""
    words: list[_Word] = []
    audio_window_end: float = 0.0
    code: str = ""


_decode = msgspec.json.Decoder(_Message).decode


_MULTI = "flux-general-multi"
"""Listens where anything but English may be spoken, whatever the model is."""


class FluxTurns(Struct, frozen=True):
    """How Flux finds the end of a turn. ``eager_eot_threshold`` None: no eager ends. See the vendor's page on
    end-of-turn parameters for the ranges."""

    eot_threshold: float = 0.7
    eager_eot_threshold: float | None = 0.5
    eot_timeout_ms: int = 5000


class DeepgramFlux(LiveRecognizer):
    """See ``LiveRecognizer``."""

    name = "deepgram-flux"
    languages = frozenset({"en", "es", "fr", "de", "hi", "ru", "pt", "ja", "it", "nl"})
    detects_turns = True

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = "wss://api.deepgram.com",
        model: str = "flux-general-en",
        sample_rate: int = 16_000,
        chunk_ms: float = 80.0,
        turns: FluxTurns = FluxTurns(),  # noqa: B008 - frozen
        rules: SocketRules = SocketRules(),  # noqa: B008 - frozen
    ) -> None:
        """``sample_rate``: the conversation's own saves resampling, and the part of a frame that a filter holds back.

        ``chunk_ms``: while nobody speaks; the vendor recommends 80. In a turn audio goes as it comes, frame by frame
        where its end may be near, which finds that end 40 ms sooner on average.
        """
        headers = {"Authorization": f"Token {api_key}"}
        super().__init__(headers, base_url=base_url, sample_rate=sample_rate, chunk_ms=chunk_ms, rules=rules)
        self._model = model
        self._turns = turns

    def _path(self, options: SttOptions) -> str:
        model = self._model if options.languages == ("en",) else _MULTI
        query: dict[str, Any] = {
            "model": model,
            "encoding": "linear16",
            "sample_rate": self.sample_rate,
            "eot_threshold": self._turns.eot_threshold,
            "eot_timeout_ms": self._turns.eot_timeout_ms,
            "keyterm": options.keyterms,
        }
        if self._turns.eager_eot_threshold is not None:
            query["eager_eot_threshold"] = self._turns.eager_eot_threshold
        if model == _MULTI:
            query["language_hint"] = [language for language in options.languages if language in self.languages]
        return f"/v2/listen?{urlencode(query, doseq=True)}"

    def _stream(self, session: aiohttp.ClientSession, url: str) -> "FluxStream":
        return FluxStream(session, url, self.sample_rate, self._chunk_ms, self._rules)


class FluxStream(TurnStream):
    """One caller. Made by ``DeepgramFlux``."""

    goodbye = '{"type":"CloseStream"}'

    def end_turn(self) -> None:
        self.socket.send_command('{"type":"ForceEndTurn"}')

    def read(self, text: bytes, offset_ms: float) -> None:
        """Messages that make no sense are left out: each ``TurnInfo`` has the whole turn so far."""
        try:
            message = _decode(text)
        except msgspec.MsgspecError:
            return
        if message.type == "Error":
            retryable = message.code not in _FATAL_CODES
            raise SttError("stt_provider_error", "deepgram ended the session", retryable=retryable)
        if message.type == "TurnInfo":
            self.socket.answered()
            self._read_turn(message, offset_ms)
            self.tell()

    def _read_turn(self, info: _Message, offset_ms: float) -> None:
        words = tuple(
            Word(w.word, offset_ms + w.start * 1000, offset_ms + w.end * 1000, w.confidence) for w in info.words
        )
        match info.event:
            case "StartOfTurn":
                self.turn_started()
                self.book.updated(info.transcript, words)
            case "Update":
                self.book.updated(info.transcript, words)
            case "EagerEndOfTurn":
                self.book.eager(info.transcript, words)
            case "TurnResumed":
                self.book.resumed()
                self.book.updated(info.transcript, words)
            case "EndOfTurn":
                self.book.ended(info.transcript, words)
        if not self.book.is_running:
            self.socket.settle(offset_ms + info.audio_window_end * 1000 - ONSET_MS * (info.event != "EndOfTurn"))
