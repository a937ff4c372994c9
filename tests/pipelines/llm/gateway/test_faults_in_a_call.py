"""Faults of a model's provider as a caller hears them: how much later the answer begins, and the silence within it.

The real runner and gateway, with the waits they have in production; providers are simulated, the voice is scripted. The
figures are printed (``pytest -s``).
"""

import asyncio

import pytest
from msgspec import Struct
from scripted_engines import FakeRecognizer, FakeVoice
from speech_call import BYTES_PER_MS, Caller, on_the_line

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import user_text
from pipelines.conversation.rim.ports import Engines
from pipelines.conversation.settings import ConversationSettings
from pipelines.llm.gateway.gateway import WARM
from pipelines.vad.silero import SileroVoiceActivity
from simulators.faults import parse_faults

DELAYS = "*.first_token_ms=60;*.tokens_per_s=60"
SCRIPT = '{"script": {"replies": [{"text": "Sure, we do. Most teams begin with five seats, and see it pay soon."}]}}'
LATER_MS = 1000.0
"""The promise."""

FAULTS = (
    "refuse", "rate_limit,retry_after_s=30", "server_error", "stall@connect", "stall@accepted", "stall@first",
    "hang@first", "drop@first", "garbage@first", "slow_drip@first,pause_ms=3000",
    "stall@mid", "hang@mid", "drop@mid", "server_error@mid", "garbage@mid", "slow_drip@mid,pause_ms=3000",
)  # fmt: skip
SOME = ("refuse", "stall@first", "drop@mid", "stall@mid")
"""For providers that share their adapter with Cerebras, which is struck by all."""


class Heard(Struct, frozen=True):
    first_ms: float
    gap_ms: float
    model: str | None


async def typed_turn(caller: Caller, number: int) -> Heard:
    """Asks, and listens to the end."""
    assert caller.runner is not None
    began_ms = caller.runner.now_ms
    caller.runner.post(facts.ItemCreate(user_text("", "do you sell umbrellas?")))
    caller.runner.post(facts.ResponseCreate())
    await caller.until(lambda: len(caller.all(act.ResponseDone)) > number, 20.0)
    done = caller.all(act.ResponseDone)[number]
    assert isinstance(done, act.ResponseDone)
    assert done.response.status == "completed"
    audio = [(at, a) for at, a in caller.told if isinstance(a, act.OutputAudioDelta) and at >= began_ms]
    plays_until, gap_ms = audio[0][0], 0.0
    for at, delta in audio:
        gap_ms = max(gap_ms, at - plays_until)
        plays_until = max(at, plays_until) + len(delta.pcm) / BYTES_PER_MS
    timings = caller.all(act.TurnTimings)[number]
    assert isinstance(timings, act.TurnTimings)
    return Heard(audio[0][0] - began_ms, gap_ms, timings.model)


@pytest.mark.parametrize(
    ("providers", "faults"),
    [
        ({"cerebras": "openai"}, FAULTS),
        ({"anthropic": "openai"}, FAULTS),
        (
            {
                "deepseek": "openai",
                "openrouter": "openai",
                "openai": "anthropic",
                "runpod": "openai",
                "ollama": "openai",
            },
            SOME,
        ),
    ],
)
async def test_the_answer_begins_soon_and_does_not_break_off(simulate, place, providers, faults):
    """``providers``: each with the one that stands in for it; their calls are side by side, since they mostly wait."""
    vad = SileroVoiceActivity()

    async def play(provider: str, fault: str) -> tuple[Heard, Heard]:
        """The usual turn, and the one that the fault strikes."""
        spare = providers[provider]
        simulators = await simulate(SCRIPT, delays=DELAYS)
        placed = await place(simulators, provider, spare, CONVERSATION_MODELS=f"{provider},{spare}")
        for endpoint in placed.gateway.endpoints:
            async for _ in endpoint.adapter.stream(WARM):
                pass
        ladder = placed.gateway.ladder("conversation")
        engines = Engines(vad=vad, recognisers=(FakeRecognizer([""]),), models=tuple(ladder), voices=(FakeVoice(),))
        async with on_the_line(engines, ConversationSettings(model_rungs=len(ladder))) as caller:
            usual = await typed_turn(caller, 0)
            simulators.simulation.faults.replace(parse_faults(f"{provider}:{fault}"))
            return usual, await typed_turn(caller, 1)

    plays = [(provider, fault) for provider in providers for fault in faults]
    outcomes = await asyncio.gather(*(play(*each) for each in plays))
    await vad.aclose()
    figures = list(zip(plays, outcomes, strict=True))
    for (provider, fault), (usual, heard) in figures:
        later_ms = heard.first_ms - usual.first_ms
        print(f"  {provider:10} {fault:32} {later_ms:+6.0f} ms, silence within {heard.gap_ms:5.0f} ms")  # noqa: T201 - to be seen
    for (provider, fault), (usual, heard) in figures:
        assert (usual.model or "").startswith(provider)
        assert (heard.model or "").startswith(providers[provider]), f"{provider}: {fault} did not strike"
        assert heard.first_ms - usual.first_ms <= LATER_MS, (provider, fault)
        assert heard.gap_ms <= LATER_MS, (provider, fault)
