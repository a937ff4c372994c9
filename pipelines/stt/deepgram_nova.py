"""Deepgram Nova: interim and final segments, on ``/v1/listen``. Voice activity says where utterances end.

Messages: https://developers.deepgram.com/reference/speech-to-text/listen-streaming; names as in deepgram-sdk 7.17.
"""

from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec
from msgspec import Struct

from pipelines.deadline import after
from pipelines.stt.backlog import Backlog
from pipelines.stt.book_stream import BookStream
from pipelines.stt.live_recognizer import LiveRecognizer
from pipelines.stt.live_socket import LiveSocket, SocketRules
from pipelines.stt.port import SttOptions, Word
from pipelines.stt.segment_book import SegmentBook

_LANGUAGES = frozenset(
    "bg ca cs da de el en es et fi fr hi hu id it ja ko lt lv ms nl no pl pt ro ru sk sv tr uk vi".split()
)
"""Of nova-3: https://developers.deepgram.com/docs/models-languages-overview."""

_MANY = "multi"
"""Who says that several may be spoken; the vendor then follows a change from sentence to sentence."""

ANSWER_S = 0.6
"""``Finalize`` has no answer when there was nothing to flush: after this long there was not."""

_KEEP_ALIVE = '{"type":"KeepAlive"}'
_FINALIZE = '{"type":"Finalize"}'
_CLOSE = '{"type":"CloseStream"}'


class _Word(Struct):
    word: str = ""
    start: float = 0.0
    end: float = 0.0
    punctuated_word: str | None = None
    confidence: float | None = None


class _Alternative(Struct):
    transcript: str = ""
    words: list[_Word] = []


class _Channel(Struct):
    alternatives: list[_Alternative] = []


class _Results(Struct, tag="Results"):
    """Seconds of the connection's audio."""

    channel: _Channel
    start: float = 0.0
    duration: float = 0.0
    is_final: bool = False
    from_finalize: bool = False


_decode = msgspec.json.Decoder(_Results).decode


class DeepgramNova(LiveRecognizer):
    """See ``LiveRecognizer``."""

    name = "deepgram-nova"
    languages = _LANGUAGES
    detects_turns = False

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = "wss://api.deepgram.com",
        model: str = "nova-3",
        sample_rate: int = 16_000,
        chunk_ms: float = 40.0,
        endpointing_ms: int = 300,
        rules: SocketRules = SocketRules(answer_s=6.0),  # noqa: B008 - frozen
    ) -> None:
        """``endpointing_ms``: silence after which the vendor settles its text by itself."""
        headers = {"Authorization": f"Token {api_key}"}
        super().__init__(headers, base_url=base_url, sample_rate=sample_rate, chunk_ms=chunk_ms, rules=rules)
        self._model = model
        self._endpointing_ms = endpointing_ms

    def _path(self, options: SttOptions) -> str:
        query: dict[str, Any] = {
            "model": self._model,
            "language": _MANY if len(options.languages) > 1 else options.languages[0],
            "encoding": "linear16",
            "sample_rate": self.sample_rate,
            "channels": 1,
            "interim_results": "true",
            "punctuate": "true",
            "numerals": "true",
            "endpointing": self._endpointing_ms,
            "keyterm": options.keyterms if self._model.startswith("nova-3") else (),
        }
        return f"/v1/listen?{urlencode(query, doseq=True)}"

    def _stream(self, session: aiohttp.ClientSession, url: str) -> "NovaStream":
        backlog = Backlog(self.sample_rate, chunk_ms=self._chunk_ms, max_ms=self._rules.max_ms)
        return NovaStream(session, url, backlog, self._rules)


class NovaStream(BookStream[SegmentBook]):
    """One caller. Made by ``DeepgramNova``."""

    def __init__(self, session: aiohttp.ClientSession, url: str, backlog: Backlog, rules: SocketRules) -> None:
        self._backlog = backlog
        super().__init__(SegmentBook())
        self.socket = LiveSocket(session, url, self, backlog, rules)

    async def open(self) -> None:
        """Raises SttError."""
        await self.socket.open(_CLOSE)

    def begin(self, utterance: int) -> None:
        self.book.begin(utterance, self._backlog.given_ms)
        self.socket.expect_answer()
        self.tell()

    def send_audio(self, pcm: bytes) -> None:
        if not self.is_over:
            self.socket.send_audio(pcm)

    def finish(self, utterance: int) -> None:
        if self.is_over:
            return  # the reader was told
        if self.book.finish(utterance, self._backlog.given_ms):
            self.socket.send_command(_FINALIZE)
            self.timers[utterance] = after(ANSWER_S, self._give_up, utterance)
        self.tell()

    def abandon(self, utterance: int) -> None:
        self.book.abandon(utterance, self._backlog.given_ms)

    # What the socket tells.

    @property
    def expects_more(self) -> bool:
        return self.book.is_open

    def read(self, text: bytes, offset_ms: float) -> None:
        """Only results matter; whatever else comes is left out."""
        try:
            results = _decode(text)
        except msgspec.MsgspecError:
            return
        self.socket.answered()
        end_ms = offset_ms + (results.start + results.duration) * 1000
        words = _words(results, offset_ms, end_ms)
        self.book.heard(words, end_ms, is_final=results.is_final, is_flushed=results.from_finalize)
        if results.is_final:
            self.socket.settle(end_ms)
        self.tell()

    def quiet(self) -> None:
        self.socket.send_command(_KEEP_ALIVE)

    def replaced(self) -> None:
        self.book.broken()
        if self.book.is_finishing:
            self.socket.send_command(_FINALIZE)

    def _give_up(self, utterance: int) -> None:
        del self.timers[utterance]
        self.book.give_up(utterance)
        self.tell()


def _words(results: _Results, offset_ms: float, end_ms: float) -> tuple[Word, ...]:
    """Some models give a transcript without words: then it is one."""
    if not results.channel.alternatives:
        return ()
    best = results.channel.alternatives[0]
    if best.transcript and not best.words:
        return (Word(best.transcript, offset_ms + results.start * 1000, end_ms),)
    return tuple(
        Word(w.punctuated_word or w.word, offset_ms + w.start * 1000, offset_ms + w.end * 1000, w.confidence)
        for w in best.words
    )
