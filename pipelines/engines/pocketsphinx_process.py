"""The PocketSphinx helper program: sound of several utterances in, words out.

Started by ``pipelines.stt.pocketsphinx`` with the paths of a language model and a dictionary. One decoder is there from
the start; more are made (17 MB and 0.2 s each) when utterances overlap, and kept. The parent limits how many.
"""

import re
import sys
from typing import Any

import msgspec

from pipelines.engines.child import ParentPipe, run_engine
from pipelines.engines.pocketsphinx_messages import (
    SAMPLE_RATE,
    Begin,
    Finish,
    Settled,
    SoFar,
    Sound,
    SphinxReply,
    SphinxRequest,
)

AVERAGE_CEPSTRUM = "59.19,-0.35,-0.45,13.67,-12.52,2.85,-6.28,-7.31,-1.99,-1.93,4.12,-3.61,1.22"
"""Mean cepstrum of speech, read and synthetic, where a new caller starts. The engine subtracts a running mean to take
out voice and line; from its own start value it got 71 % of the words of 200 sentences wrong, from such a mean 51 %."""

INTERIM_BYTES = SAMPLE_RATE * 2 * 150 // 1000
"""Sound between two interim texts: 150 ms."""

_MS_PER_FRAME = 10
_VARIANT = re.compile(r"\(\d+\)$")
_NO_WORD = ("<", "[", "+")


class _Decoding:
    """One decoder, and the utterance that is in it."""

    def __init__(self, language_model: str, dictionary: str) -> None:
        from pocketsphinx import Decoder  # noqa: PLC0415 - only the helper has it in its memory

        # fwdflat, a second pass over the whole utterance at its end, saves about 2 % of the errors of unseen sentences
        # and costs 120 ms after 3 s of speech; bestpath takes 10 ms and saves 4 %. See tests/benchmarks/bench_stt.py.
        self._decoder: Any = Decoder(
            samprate=SAMPLE_RATE,
            loglevel="FATAL",
            lm=language_model,
            dict=dictionary,
            fwdflat=False,
            bestpath=True,
            pl_window=10,
        )
        self._since_interim = 0
        self._told = ""

    def begin(self, cepstrum: str) -> None:
        self._decoder.set_cmn(cepstrum or AVERAGE_CEPSTRUM)
        self._decoder.start_utt()
        self._since_interim, self._told = 0, ""

    def hear(self, pcm: bytes) -> str | None:
        """Take sound; the text so far when it is time for it and it has changed."""
        self._decoder.process_raw(pcm, False, False)
        self._since_interim += len(pcm)
        if self._since_interim < INTERIM_BYTES:
            return None
        self._since_interim = 0
        hypothesis = self._decoder.hyp()
        text = hypothesis.hypstr if hypothesis else ""
        if not text or text == self._told:
            return None
        self._told = text
        return text

    def settle(self) -> tuple[list[tuple[str, int, int]], str]:
        """End the utterance: its words with their times, and the caller's mean cepstrum."""
        self._decoder.end_utt()
        words = [
            (_VARIANT.sub("", part.word), part.start_frame * _MS_PER_FRAME, (part.end_frame + 1) * _MS_PER_FRAME)
            for part in self._decoder.seg() or ()
            if not part.word.startswith(_NO_WORD)
        ]
        return words, self._decoder.get_cmn(False)

    def drop(self) -> None:
        self._decoder.end_utt()


class _Utterances:
    """Which decoder is whose."""

    def __init__(self, language_model: str, dictionary: str) -> None:
        self._files = (language_model, dictionary)
        self._idle = [_Decoding(*self._files)]
        self._busy: dict[int, _Decoding] = {}

    def take(self, request: SphinxRequest) -> SphinxReply | None:
        if isinstance(request, Begin):
            decoding = self._idle.pop() if self._idle else _Decoding(*self._files)
            decoding.begin(request.cepstrum)
            self._busy[request.id] = decoding
            return None
        if isinstance(request, Sound):
            text = self._busy[request.id].hear(request.pcm)
            return SoFar(request.id, text) if text else None
        found = self._busy.pop(request.id, None)
        if found is None:
            return None  # dropped after its end: the parent had waited for too long
        self._idle.append(found)
        if isinstance(request, Finish):
            return Settled(request.id, *found.settle())
        found.drop()
        return None


def work(pipe: ParentPipe) -> None:
    """Recognise until the parent goes."""
    utterances = _Utterances(*sys.argv[1:3])
    decoder = msgspec.msgpack.Decoder(SphinxRequest)
    encoder = msgspec.msgpack.Encoder()
    pipe.alive()
    for payload in pipe.payloads():
        if not payload:
            pipe.alive()
            continue
        reply = utterances.take(decoder.decode(payload))
        if reply is not None:
            pipe.send(encoder.encode(reply))


if __name__ == "__main__":
    run_engine(work)
