"""A process that could not run for a while does not take that for the silence of its providers."""

import asyncio
import time

from scripted_engines import FakeModel, FakeRecognizer, FakeVoice
from speech_call import on_the_line

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import user_text
from pipelines.conversation.rim.ports import Engines
from pipelines.conversation.settings import ConversationSettings, Limits
from pipelines.vad.silero import SileroVoiceActivity

BLOCKED_S = 0.7


async def test_a_model_that_answered_while_the_process_stood_still_is_heard() -> None:
    models = (FakeModel(lambda _: "From the first.", token_s=0.15), FakeModel(lambda _: "From the second."))
    vad = SileroVoiceActivity()
    engines = Engines(vad=vad, recognisers=(FakeRecognizer([""]),), models=models, voices=(FakeVoice(),))
    settings = ConversationSettings(model_rungs=2, limits=Limits(first_token_ms=400.0, next_token_ms=400.0))
    async with on_the_line(engines, settings) as caller:
        assert caller.runner is not None
        caller.runner.post(facts.ItemCreate(user_text("", "hello")))
        caller.runner.post(facts.ResponseCreate())
        await asyncio.sleep(0.05)
        time.sleep(BLOCKED_S)  # noqa: ASYNC251 - the fault: nothing runs, not even the reading of an answer
        await caller.until(lambda: bool(caller.all(act.ResponseDone)), 10.0)
    await vad.aclose()
    assert [item.generated.strip() for item in caller.items.values() if item.role == "assistant"] == ["From the first."]
    assert not models[1].requests, "the first was not late: nobody could hear it"
