"""Who understands a recording: the first recogniser that answers, and each has its time."""

import asyncio

from test_ears import FakeRecogniser, FakeStream

from pipelines.conversation import facts
from pipelines.conversation.rim.recorded_audio import transcribed
from pipelines.stt.port import Final, SttOptions, UtteranceFailed

PCM = bytes(48 * 300)


class Answers(FakeRecogniser):
    """Has its answer as soon as it is asked; ``None``: it never says anything."""

    def __init__(self, answer: Final | UtteranceFailed | None) -> None:
        super().__init__("one")
        self._answer = answer

    async def open(self, options: SttOptions) -> FakeStream:
        stream = await super().open(options)
        if self._answer is not None:
            stream.events.put_nowait(self._answer)
        return stream


class NeverOpens(FakeRecogniser):
    async def open(self, options: SttOptions) -> FakeStream:
        await asyncio.Event().wait()
        raise AssertionError


async def heard(*recognisers: FakeRecogniser) -> facts.Fact:
    return await asyncio.wait_for(transcribed(recognisers, SttOptions(), 1, PCM, within_s=0.2), 5.0)


async def test_the_first_that_answers_is_taken() -> None:
    failing, good, spare = Answers(UtteranceFailed(1, "stt_down", "")), Answers(Final(1, "hello")), Answers(None)
    assert await heard(FakeRecogniser("down", opens=False), failing, good, spare) == facts.Transcribed(1, "hello")
    assert all(stream.closed for one in (failing, good) for stream in one.streams)
    assert not spare.streams


async def test_one_that_says_nothing_leaves_time_for_the_next() -> None:
    silent = Answers(None)
    assert await heard(NeverOpens("closed"), silent, Answers(Final(1, "hello"))) == facts.Transcribed(1, "hello")
    assert silent.streams[0].closed


async def test_when_nobody_answers_it_fails_in_time() -> None:
    fact = await heard(Answers(None))
    assert isinstance(fact, facts.TranscriptFailed)
    assert fact.code == "transcript_timeout"
