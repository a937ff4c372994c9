"""The PocketSphinx helper program: one utterance at a time, sound in, words out.

Started by ``pipelines.stt.pocketsphinx`` with the paths of a language model and a dictionary.
"""

import sys
from typing import Any

import msgspec

from pipelines.engines.child import ParentPipe, run_engine
from pipelines.engines.pocketsphinx_messages import (
    SAMPLE_RATE,
    Begin,
    Drop,
    Finish,
    Settled,
    SoFar,
    Sound,
    SphinxReply,
    SphinxRequest,
)

AVERAGE_CEPSTRUM = "54.64,2.54,-3.40,17.57,-15.43,4.14,-5.26,-10.79,-0.82,-4.30,4.09,-3.77,-0.88"
"""Mean cepstrum of ordinary speech, which each utterance starts from: the engine's own start value costs the first
words of a caller, and the last caller's is somebody else's."""

INTERIM_BYTES = SAMPLE_RATE * 2 * 150 // 1000
"""Sound between two interim texts: 150 ms."""


class _Decoding:
    def __init__(self, language_model: str, dictionary: str) -> None:
        from pocketsphinx import Decoder  # noqa: PLC0415 - only the helper has it in its memory

        # Without the second pass an utterance of 3 s settles three times as fast, for 1 % more errors.
        self._decoder: Any = Decoder(
            samprate=SAMPLE_RATE, loglevel="FATAL", lm=language_model, dict=dictionary, fwdflat=False
        )
        self._id: int | None = None
        self._since_interim = 0
        self._told = ""

    def take(self, request: SphinxRequest) -> SphinxReply | None:
        if isinstance(request, Begin):
            self._end()
            self._decoder.set_cmn(AVERAGE_CEPSTRUM)
            self._decoder.start_utt()
            self._id, self._since_interim, self._told = request.id, 0, ""
            return None
        if request.id != self._id:
            return None
        if isinstance(request, Sound):
            self._decoder.process_raw(request.pcm, False, False)
            return self._interim(len(request.pcm))
        self._end()
        return Settled(request.id, self._text()) if isinstance(request, Finish) else None

    def _interim(self, size: int) -> SoFar | None:
        self._since_interim += size
        if self._since_interim < INTERIM_BYTES or self._id is None:
            return None
        self._since_interim = 0
        text = self._text()
        if not text or text == self._told:
            return None
        self._told = text
        return SoFar(self._id, text)

    def _end(self) -> None:
        if self._id is not None:
            self._decoder.end_utt()
            self._id = None

    def _text(self) -> str:
        hypothesis = self._decoder.hyp()
        return hypothesis.hypstr if hypothesis else ""


def work(pipe: ParentPipe) -> None:
    """Recognise until the parent goes."""
    decoding = _Decoding(*sys.argv[1:3])
    decoder = msgspec.msgpack.Decoder(SphinxRequest)
    encoder = msgspec.msgpack.Encoder()
    pipe.alive()
    for payload in pipe.payloads():
        if not payload:
            pipe.alive()
            continue
        reply = decoding.take(decoder.decode(payload))
        if reply is not None:
            pipe.send(encoder.encode(reply))


if __name__ == "__main__":
    run_engine(work)
