"""One caller's recogniser: the stream in use, and its replacement during the call by another of the ladder.

Audio is kept back to the beginning of the oldest utterance that has no text yet, so that the next recogniser hears all
of it; and a little further, so that an utterance can begin before the moment its voice was noticed. A recogniser is
opened beside the call: until it is there, audio only waits.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from pipelines.audio.resample import resampler
from pipelines.conversation import facts
from pipelines.conversation.rim.pieces import PIECE_MS, Pieces
from pipelines.conversation.rim.speech_breakers import SpeechBreakers
from pipelines.conversation.rim.work import Own, Post, Work
from pipelines.deadline import timeout
from pipelines.stt import port as stt_port
from pipelines.stt.port import SpeechToText, SttError, SttOptions, SttStream

log = logging.getLogger(__name__)

INPUT_RATE = 24_000
BYTES_PER_MS = 48
PAST_MS = 2000.0
"""How far back an utterance may begin: prefix padding and the time it takes to notice a voice."""

KEPT_MS = 20_000.0
"""The most that is kept of an utterance for another recogniser: its end is what matters."""

PIECE_BYTES = int(BYTES_PER_MS * PIECE_MS)

TRIM_BYTES = BYTES_PER_MS * 250
"""So much more than needed may be kept."""

LEFT_ALONE = "stt_left_alone"
_NO_FAILURES = frozenset({"stt_return", "stt_language_not_supported", LEFT_ALONE})
"""Of the recogniser that is left."""

OPEN_TIMEOUT_S = 4.0
CLOSE_TIMEOUT_S = 1.0


class _Utterance(Struct):
    """Positions in all audio ever received; ``to_ms`` None: it goes on."""

    from_ms: float
    to_ms: float | None = None


class Ears(Work):
    """``open`` starts with the first recogniser; what it hears is posted as facts."""

    def __init__(self, recognisers: Sequence[SpeechToText], breakers: SpeechBreakers, *, post: Post, own: Own) -> None:
        super().__init__(post=post, own=own)
        self._recognisers = recognisers
        self._breakers = breakers
        self._stream: SttStream | None = None
        self._recogniser = recognisers[0]
        self._options = SttOptions()
        self._task: asyncio.Task[None] | None = None
        self._to_stt = resampler(INPUT_RATE, self._recogniser.sample_rate)
        self._utterances: dict[int, _Utterance] = {}
        self._answered: tuple[int, _Utterance] | None = None
        """The last that was given a text; kept until it is released or the next begins."""
        self._current: int | None = None
        self._past: deque[bytes] = deque()
        self._past_bytes = 0
        self._trim_bytes = TRIM_BYTES
        self._received_bytes = 0
        self._pieces = Pieces()
        self._gathered = bytearray()
        """Audio on its way to a recogniser with turns that does not fill a piece yet."""

    def configure(self, options: SttOptions) -> None:
        """What the recognisers are told. One that listens already is opened anew, and hears again what it left."""
        if options == self._options:
            return
        self._options = options
        if self._task is not None:
            self.open(self._recognisers.index(self._recogniser))

    def open(self, rung: int, *, again: int | None = None) -> None:
        """Listen with this recogniser from now on, beginning with what the one before it left without text, and with
        the utterance ``again`` if that was the last to be given one."""
        if self._answered is not None and self._answered[0] == again:
            self._utterances = {again: self._answered[1], **self._utterances}
        if self._task is not None:
            self._task.cancel()
        self._stream = None
        self._gathered.clear()  # it is in what is kept
        self._recogniser = self._recognisers[rung]
        self._task = self._own(self._serve(rung), f"recogniser {self._recogniser.name}")

    def replace(self, rung: int, code: str, *, again: int | None = None) -> None:
        """``open`` another. ``code``: why the one in use is left."""
        if code not in _NO_FAILURES:
            self._breakers.failed(self._recogniser.name)
        self.open(rung, again=again)

    def feed(self, pcm: bytes) -> None:
        """More of the caller's audio, 24 kHz."""
        self._received_bytes += len(pcm)
        self._past.append(pcm)
        self._past_bytes += len(pcm)
        if self._past_bytes > self._trim_bytes:
            self._trim()
        if self._stream is None:
            return
        if self._recogniser.detects_turns:
            self._pieces.frame(len(pcm) / BYTES_PER_MS)
            self._gathered += pcm
            if len(self._gathered) >= PIECE_BYTES or not self._pieces.may_wait:
                self._send_gathered(self._stream)
        elif self._recogniser.continuous or self._current is not None:
            self._stream.send_audio(self._to_stt.feed(pcm))

    def window(self, probability: float, end_ms: float) -> None:
        """What voice activity saw last: where the voice ends, nothing is held back."""
        self._pieces.window(probability, end_ms)
        if self._gathered and self._stream is not None and not self._pieces.may_wait:
            self._send_gathered(self._stream)

    def begin(self, utterance: int, from_ms: float) -> None:
        """Recognise from there on."""
        self._utterances[utterance] = _Utterance(from_ms)
        self._current = utterance
        self._answered = None
        if self._stream is None:
            return
        self._send_gathered(self._stream)
        self._stream.begin(utterance)
        if not self._recogniser.continuous:
            self._to_stt = resampler(INPUT_RATE, self._recogniser.sample_rate)
            self._stream.send_audio(self._to_stt.feed(self._audio(from_ms, None)))

    def finish(self, utterance: int) -> None:
        """No more audio belongs to it: its text is wanted."""
        if (open_utterance := self._utterances.get(utterance)) is not None:
            open_utterance.to_ms = self._received_bytes / BYTES_PER_MS
        if self._current == utterance:
            self._current = None
            if self._stream is not None and not self._recogniser.continuous:
                self._stream.send_audio(self._to_stt.flush())
        if self._stream is not None:
            self._send_gathered(self._stream)
            self._stream.finish(utterance)

    def abandon(self, utterance: int) -> None:
        self._utterances.pop(utterance, None)
        if self._current == utterance:
            self._current = None
        if self._stream is not None:
            self._stream.abandon(utterance)

    def release(self) -> None:
        """Nobody will ask for the last answered utterance again."""
        self._answered = None

    def close(self) -> None:
        """Let go of the caller's audio too, and of the task that ended, whose traceback holds all of this."""
        super().close()
        self._past.clear()
        self._past_bytes = 0
        self._gathered.clear()
        self._task = self._stream = None

    def _send_gathered(self, stream: SttStream) -> None:
        if self._gathered:
            stream.send_audio(self._to_stt.feed(bytes(self._gathered)))
            self._gathered.clear()

    async def _serve(self, rung: int) -> None:
        """One recogniser, from its opening to its end or its replacement."""
        recogniser = self._recognisers[rung]
        is_last = rung + 1 == len(self._recognisers)
        if not (is_last or self._breakers.may_try(recogniser.name)):
            self._post(facts.RecognizerLost(rung, LEFT_ALONE))
            return
        code = "stt_ended"
        try:
            async with timeout(OPEN_TIMEOUT_S):
                stream = await recogniser.open(self._options)
        except (SttError, TimeoutError) as error:
            code = error.code if isinstance(error, SttError) else "stt_open_timeout"
            log.warning("recogniser %s could not be opened: %s", recogniser.name, code)
            self._post(facts.RecognizerLost(rung, code))
            return
        try:
            self._post(facts.RecognizerChanged(rung, recogniser.detects_turns, recogniser.guesses))
            self._attach(stream, recogniser)
            async for event in stream:
                if isinstance(event, stt_port.UtteranceFailed) and event.fatal:
                    code = event.code
                    break
                self._hear(event)
                if isinstance(event, stt_port.Final | stt_port.TurnEnded) and event.text:
                    self._breakers.worked(recogniser.name)
        except Exception:
            log.exception("recogniser %s broke", recogniser.name)
        finally:
            if self._stream is stream:
                self._stream = None
                self._gathered.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await stream.aclose()
        log.warning("recogniser %s was lost: %s", recogniser.name, code)
        self._post(facts.RecognizerLost(rung, code))

    def _attach(self, stream: SttStream, recogniser: SpeechToText) -> None:
        """Catch up: what has no text yet is heard again."""
        self._stream = stream
        self._to_stt = to_stt = resampler(INPUT_RATE, recogniser.sample_rate)
        for number, utterance in list(self._utterances.items()):
            stream.begin(number)
            stream.send_audio(to_stt.feed(self._audio(utterance.from_ms, utterance.to_ms)))
            if utterance.to_ms is not None:
                if not recogniser.continuous:
                    stream.send_audio(to_stt.flush())
                    self._to_stt = to_stt = resampler(INPUT_RATE, recogniser.sample_rate)
                stream.finish(number)

    def _hear(self, event: stt_port.SttEvent) -> None:
        if isinstance(event, stt_port.Final | stt_port.TurnEnded | stt_port.UtteranceFailed):
            answered = self._utterances.pop(event.utterance, None)
            if answered is not None:
                self._answered = (event.utterance, answered)
        self._post(fact_of(event))

    def _trim(self) -> None:
        """Let go of what nobody can ask for any more; not with every frame."""
        keep = self._keep_bytes()
        while self._past_bytes - len(self._past[0]) > keep:
            self._past_bytes -= len(self._past.popleft())
        self._trim_bytes = self._past_bytes + TRIM_BYTES

    def _keep_bytes(self) -> int:
        received_ms = self._received_bytes / BYTES_PER_MS
        oldest_ms = min((utterance.from_ms for utterance in self._utterances.values()), default=received_ms)
        if self._answered is not None:
            oldest_ms = min(oldest_ms, self._answered[1].from_ms)
        return int(min(max(received_ms - oldest_ms, PAST_MS), KEPT_MS)) * BYTES_PER_MS

    def _audio(self, from_ms: float, to_ms: float | None) -> bytes:
        past = b"".join(self._past)
        first = self._received_bytes - len(past)
        start = max(0, int(from_ms) * BYTES_PER_MS - first)
        end = len(past) if to_ms is None else max(start, int(to_ms) * BYTES_PER_MS - first)
        return past[start:end]


def fact_of(event: stt_port.SttEvent) -> facts.Fact:
    match event:
        case stt_port.Interim(utterance, text):
            return facts.Heard(utterance, text)
        case stt_port.Final(utterance, _, _, False):
            return facts.TranscriptFailed(utterance, "stt_incomplete", "The recogniser did not hear all of it.")
        case stt_port.Final(utterance, text, words):
            return facts.Transcribed(utterance, text, words)
        case stt_port.UtteranceFailed(utterance, code, message):
            return facts.TranscriptFailed(utterance, code, message)
        case stt_port.TurnStarted(utterance):
            return facts.RecognizerTurnStarted(utterance)
        case stt_port.EagerEnd(utterance, text):
            return facts.RecognizerEagerEnd(utterance, text)
        case stt_port.Resumed(utterance):
            return facts.RecognizerResumed(utterance)
        case stt_port.TurnEnded(utterance, text, words):
            return facts.RecognizerTurnEnded(utterance, text, words)
