"""The eSpeak NG helper program: clauses in, sound and word times out. Started by ``pipelines.tts.espeak``."""

import queue
import threading

import msgspec

from pipelines.engines.child import ParentPipe, run_engine
from pipelines.engines.espeak_library import Espeak, EspeakError
from pipelines.engines.espeak_messages import SAMPLE_RATE, Cancel, EspeakReply, EspeakRequest, NotSaid, Said, Say

_DEFAULT_VOICE = "en-us"
_AUDIBLE = 100
"""Samples up to this are silence: about -50 dBFS."""

_KEPT_SILENCE_MS = 5


class _Requests:
    """Reads ahead of the synthesis, so that a cancellation is known while a clause is being spoken."""

    def __init__(self, pipe: ParentPipe) -> None:
        self._pipe = pipe
        self._decoder = msgspec.msgpack.Decoder(EspeakRequest)
        self._queue: queue.SimpleQueue[EspeakRequest | _LifeCheck | None] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        threading.Thread(target=self._read, name="requests", daemon=True).start()

    def next(self) -> Say | None:
        """The next clause that is still wanted; None when the parent is gone."""
        while (request := self._queue.get()) is not None:
            if isinstance(request, _LifeCheck):
                self._pipe.alive()
            elif isinstance(request, Cancel):
                self._cancelled.discard(request.id)
            elif request.id not in self._cancelled:
                return request
        return None

    def is_cancelled(self, number: int) -> bool:
        return number in self._cancelled

    def _read(self) -> None:
        try:
            for payload in self._pipe.payloads():
                if not payload:
                    self._queue.put(_LifeCheck())
                    continue
                request = self._decoder.decode(payload)
                if isinstance(request, Cancel):
                    self._cancelled.add(request.id)
                self._queue.put(request)
        finally:
            self._queue.put(None)


class _LifeCheck:
    """The parent wants to know whether the work goes on."""


class _Speaker:
    def __init__(self) -> None:
        self._espeak = Espeak()
        self._voice = ""
        self._words_per_minute = 0

    def say(self, clause: Say, requests: _Requests) -> EspeakReply:
        self._take_on(clause.voice, clause.words_per_minute)
        try:
            pcm, words = self._espeak.synthesise(clause.text, lambda: requests.is_cancelled(clause.id))
        except EspeakError as error:
            return NotSaid(clause.id, error.code)
        return _finished(clause.id, pcm, words, self._espeak.sample_rate)

    def _take_on(self, voice: str, words_per_minute: int) -> None:
        if voice != self._voice:
            if not self._espeak.set_voice(voice):
                self._espeak.set_voice(_DEFAULT_VOICE)
            self._voice = voice
            self._words_per_minute = 0  # a voice brings its own speed
        if words_per_minute != self._words_per_minute:
            self._espeak.set_words_per_minute(words_per_minute)
            self._words_per_minute = words_per_minute


def _finished(number: int, pcm: bytes, words: list[tuple[int, int]], rate: int) -> Said:
    """Silence in front taken off, brought to ``SAMPLE_RATE``, samples turned into milliseconds."""
    import numpy as np  # noqa: PLC0415 - see work()
    import soxr  # noqa: PLC0415

    samples = np.frombuffer(pcm, np.int16)
    audible = np.flatnonzero(np.abs(samples.astype(np.int32)) > _AUDIBLE)
    cut = max(0, int(audible[0]) - rate * _KEPT_SILENCE_MS // 1000) if len(audible) else 0
    resampled = soxr.resample(samples[cut:], rate, SAMPLE_RATE, quality="HQ")
    marks = [(place, max(0, sample - cut) * 1000 / rate) for place, sample in words]
    return Said(number, resampled.tobytes(), marks)


def work(pipe: ParentPipe) -> None:
    """Speak until the parent goes."""
    speaker = _Speaker()
    requests = _Requests(pipe)
    encoder = msgspec.msgpack.Encoder()
    pipe.alive()
    # Warm up after saying ready: numpy and the voice's files take 0.2 s that the server need not wait for.
    speaker.say(Say(0, "hello", _DEFAULT_VOICE, 175), requests)
    while (clause := requests.next()) is not None:
        pipe.send(encoder.encode(speaker.say(clause, requests)))


if __name__ == "__main__":
    run_engine(work)
