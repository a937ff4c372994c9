"""A voice that keeps callers waiting is left alone for a while, in all calls."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.rim.speech_breakers import SpeechBreakers
from pipelines.conversation.rim.voices import LEFT_ALONE, VoiceWork
from pipelines.tts.port import Spoken, TtsError, TtsEvent, TtsOptions


class Context:
    def __init__(self, does: str) -> None:
        self._does = does
        self._ended = asyncio.Event()

    def send_text(self, text: str) -> None:
        pass

    def finish(self) -> None:
        pass

    def cancel(self) -> None:
        self._ended.set()

    async def __aiter__(self) -> AsyncIterator[TtsEvent]:
        match self._does:
            case "speaks":
                yield Spoken()
            case "repeats":
                yield Spoken(kept=True)
            case "stalls":
                await self._ended.wait()
            case _:
                raise TtsError("tts_broke", "broke", retryable=self._does == "breaks")


class Voice:
    sample_rate = 24_000

    def __init__(self, name: str, does: str) -> None:
        self.name = name
        self.does = does
        self.opened = 0

    def prepare(self) -> None:
        pass

    def open(self, options: TtsOptions) -> Context:
        self.opened += 1
        return Context(self.does)

    async def aclose(self) -> None:
        pass


async def reply(
    breakers: SpeechBreakers, first: Voice, second: Voice, *, interrupted: bool = False
) -> list[facts.Fact]:
    """What one call tells of one message, that the second voice speaks where the first does not."""
    told: list[facts.Fact] = []
    tasks: list[asyncio.Task[None]] = []

    def own(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        tasks.append(asyncio.create_task(work, name=name))
        return tasks[-1]

    voices = VoiceWork([first, second], breakers, post=told.append, own=own)
    voices.open(act.OpenVoice(1, 0, None, 1.0, "item_1"))
    await asyncio.sleep(0.01)
    if not any(isinstance(fact, facts.VoiceFinished) for fact in told):
        voices.stop(act.StopVoice(1))
        voices.open(act.OpenVoice(2, 0 if interrupted else 1, None, 1.0, "item_2" if interrupted else "item_1"))
    voices.stop_all()
    await asyncio.gather(*tasks)
    return told


@pytest.mark.parametrize("fault", ["stalls", "breaks"])
async def test_one_that_keeps_callers_waiting_is_left_alone(fault: str) -> None:
    clock = [0.0]
    breakers = SpeechBreakers(clock=lambda: clock[0])
    first, second = Voice("first", fault), Voice("second", "speaks")
    for _ in range(3):
        await reply(breakers, first, second)
    assert not breakers.is_closed("first")
    told = await reply(breakers, first, second)
    assert first.opened == 3
    assert [fact.code for fact in told if isinstance(fact, facts.VoiceFailed)] == [LEFT_ALONE]
    first.does, clock[0] = "speaks", 61.0
    await reply(breakers, first, second)
    assert breakers.is_closed("first")


async def test_one_that_was_interrupted_or_was_asked_the_impossible_is_not_blamed() -> None:
    breakers = SpeechBreakers()
    for _ in range(5):
        await reply(breakers, Voice("first", "stalls"), Voice("second", "speaks"), interrupted=True)
        await reply(breakers, Voice("first", "cannot"), Voice("second", "speaks"))
    assert breakers.is_closed("first")


async def test_what_was_kept_of_an_earlier_reply_says_nothing_of_the_voice() -> None:
    """Every call begins with a greeting that is kept."""
    breakers = SpeechBreakers()
    for _ in range(3):
        await reply(breakers, Voice("first", "repeats"), Voice("second", "speaks"))
        await reply(breakers, Voice("first", "stalls"), Voice("second", "speaks"))
    assert not breakers.is_closed("first")
