"""Every fault of a speech provider, at every moment, through the real runner and adapters against the simulators.

Whatever breaks: the turn is finished, no word is said or remembered twice, nothing is logged as unhandled, and the
answer begins at most a second later than usual. How much later, and the longest silence within a reply, are printed
(``pytest -s``).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from live_server import speech
from msgspec import Struct
from scripted_engines import FakeModel, FakeRecognizer, FakeVoice
from simulated_providers import Simulate
from speech_call import BYTES_PER_MS, Caller, on_the_line

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import user_text
from pipelines.conversation.rim.ports import Engines
from pipelines.conversation.settings import ConversationSettings, SemanticVad
from pipelines.stt.cartesia_stt import CartesiaRecognizer
from pipelines.stt.deepgram_flux import DeepgramFlux
from pipelines.stt.deepgram_nova import DeepgramNova
from pipelines.stt.live_socket import SocketRules
from pipelines.stt.port import SpeechToText
from pipelines.tts.cartesia import CartesiaSpeech
from pipelines.vad.port import VoiceActivity
from pipelines.vad.silero import SileroVoiceActivity
from simulators.app import RunningSimulators

pytestmark = pytest.mark.realtime

SCRIPTED = "what does it cost"
SPARE = "what does it really cost"
SCRIPT = '{"script": {"sentences": ["what does it cost"]}}'
REPLY = "It costs fifty dollars a month, and there is no setup fee."

STT_MOMENTS = {
    "refuse": "refuse@connect",
    "server error": "server_error@connect,status=503",
    "rate limit": "rate_limit@connect",
    "hang while accepting": "hang@accepted",
    "stall before the first words": "stall@first",
    "stall during speech": "stall@mid",
    "hang during speech": "hang@mid",
    "drop before the first words": "drop@first",
    "drop during speech": "drop@mid",
    "server error during speech": "server_error@mid",
    "rate limit during speech": "rate_limit@mid",
    "drop between turns": "drop@idle",
    "stall between turns": "stall@idle",
    "hang between turns": "hang@idle",
    "garbage": "garbage@first",
    "garbage during speech": "garbage@mid",
    "slow drip": "slow_drip@first,pause_ms=1500",
    "slower drip": "slow_drip@first,pause_ms=2500",
}
TTS_MOMENTS = {
    "refuse": "refuse@connect",
    "server error": "server_error@connect,status=503",
    "rate limit": "rate_limit@connect",
    "hang while accepting": "hang@accepted",
    "stall before the first audio": "stall@first",
    "hang before the first audio": "hang@first",
    "stall mid-sentence": "stall@mid",
    "hang mid-sentence": "hang@mid",
    "drop before the first audio": "drop@first",
    "drop mid-sentence": "drop@mid",
    "server error before the first audio": "server_error@first",
    "server error mid-sentence": "server_error@mid",
    "drop between turns": "drop@idle",
    "stall between turns": "stall@idle",
    "garbage": "garbage@mid",
    "slow drip": "slow_drip@first,pause_ms=2500",
}
RECOVERY_MS = 1000.0
"""The promise: so much later than usual does the answer begin, at the worst."""


class Wait(Struct, frozen=True):
    """Of the turns of one call, the longest in ms: from the end of speech (or the request) to the first audible sample
    of the reply, and the longest silence within a reply."""

    first_ms: float
    gap_ms: float


Recogniser = Callable[[str, RunningSimulators], SpeechToText]
RULES = SocketRules(connect_s=1.5, heartbeat_s=2.0, reconnects=2)


def flux(url: str, simulators: RunningSimulators) -> SpeechToText:
    return DeepgramFlux(api_key=simulators.settings["DEEPGRAM_API_KEY"], base_url=url, rules=RULES)


def nova(url: str, simulators: RunningSimulators) -> SpeechToText:
    return DeepgramNova(api_key=simulators.settings["DEEPGRAM_API_KEY"], base_url=url, rules=RULES)


def ink(url: str, simulators: RunningSimulators) -> SpeechToText:
    return CartesiaRecognizer(api_key=simulators.settings["CARTESIA_API_KEY"], base_url=url, rules=RULES)


RECOGNISERS: dict[str, tuple[Recogniser, str, str]] = {
    "deepgram-flux": (flux, "DEEPGRAM_BASE_URL", "deepgram-flux"),
    "deepgram-nova": (nova, "DEEPGRAM_BASE_URL", "deepgram-nova"),
    "cartesia": (ink, "CARTESIA_BASE_URL", "cartesia-stt"),
}


@pytest.fixture
async def vad() -> AsyncIterator[VoiceActivity]:
    activity = SileroVoiceActivity()
    yield activity
    await activity.aclose()


@pytest.mark.parametrize("provider", RECOGNISERS)
async def test_a_recogniser(
    simulate: Simulate,
    vad: VoiceActivity,
    provider: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    make, variable, name = RECOGNISERS[provider]

    async def play(fault: str) -> Wait:
        simulators = await simulate(SCRIPT, faults=f"{name}:{fault}" if fault else "")
        recogniser = make(simulators.settings[variable], simulators)
        engines = Engines(
            vad=vad,
            recognisers=(recogniser, FakeRecognizer([SPARE])),
            models=(FakeModel(lambda _: REPLY),),
            voices=(FakeVoice(),),
        )
        settings = ConversationSettings(
            turn_detection=SemanticVad(eagerness="high"),
            recognizer_turns=recogniser.detects_turns,
            recognizer_rungs=2,
        )
        try:
            async with on_the_line(engines, settings) as caller:
                return await talk_twice(caller, may_lag=fault.startswith("slow_drip"))
        finally:
            await recogniser.aclose()

    usual, waits = await all_at_once(provider, play, STT_MOMENTS)
    assert usual.first_ms < 1500
    for moment, waited in waits.items():
        assert waited.first_ms - usual.first_ms <= RECOVERY_MS, f"{provider}: {moment}: {waited}"
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR], "an unhandled exception"


async def test_a_recogniser_that_stalls_for_good_keeps_the_callers_after_it_no_longer(
    simulate: Simulate, vad: VoiceActivity
) -> None:
    simulators = await simulate(SCRIPT, faults="deepgram-flux:hang@accepted")
    recogniser = flux(simulators.settings["DEEPGRAM_BASE_URL"], simulators)
    engines = Engines(
        vad=vad,
        recognisers=(recogniser, FakeRecognizer([SPARE])),
        models=(FakeModel(lambda _: REPLY),),
        voices=(FakeVoice(),),
    )

    async def call() -> float:
        settings = ConversationSettings(
            turn_detection=SemanticVad(eagerness="high"), recognizer_turns=True, recognizer_rungs=2
        )
        async with on_the_line(engines, settings) as caller:
            await caller.say(speech())
            await caller.until(lambda: bool(caller.all(act.OutputAudioDelta)), 10.0)
            return caller.when(act.OutputAudioDelta)

    try:
        waits = await asyncio.gather(*(call() for _ in range(3)))
        assert not engines.hearing.is_closed(recogniser.name)
        later = await call()
    finally:
        await recogniser.aclose()
    print(f"\nfirst audible reply of three calls at once, and of the next: {waits} {later}")  # noqa: T201 - as above
    assert later < min(waits) - 100, "as if there were no other"


async def talk_twice(caller: Caller, *, may_lag: bool = False) -> Wait:
    """Two spoken turns.

    ``may_lag``: a recogniser that is slow and not silent may be answered by what it has understood so far.
    """
    waits = []
    for turn in range(2):
        await caller.say(speech())
        await heard_out(caller, turn)
        timings = caller.all(act.TurnTimings)[turn]
        assert isinstance(timings, act.TurnTimings)
        assert timings.response_latency_ms is not None
        waits.append(timings.response_latency_ms)
    assert len(caller.said()) == 2, f"one item a turn: {caller.said()}"
    for said in map(normal, caller.said()):
        assert said in (SCRIPTED, SPARE) or (may_lag and SCRIPTED.startswith(said)), caller.said()
    assert caller.heard() == [REPLY, REPLY], "each reply is heard whole and once"
    return Wait(max(waits), longest_gap_ms(caller))


async def heard_out(caller: Caller, turn: int) -> None:
    """Wait for the end of this turn's reply; what was heard of it is looked at afterwards."""

    def is_over() -> bool:
        replies = [item for item in caller.items.values() if item.role == "assistant"]
        whole = len(replies) > turn and replies[turn].heard_ms >= replies[turn].audio_ms > 0
        return whole and len(caller.all(act.TurnTimings)) > turn

    await caller.until(is_over, 30.0)


def longest_gap_ms(caller: Caller) -> float:
    """For a client that plays what it gets without a pause: how long it had nothing of a reply to play."""
    plays_until: dict[str, float] = {}
    longest = 0.0
    for at, action in caller.told:
        if isinstance(action, act.OutputAudioDelta):
            until = plays_until.get(action.item_id, at)
            longest = max(longest, at - until)
            plays_until[action.item_id] = max(at, until) + len(action.pcm) / BYTES_PER_MS
    return longest


def normal(text: str) -> str:
    return text.lower().strip(" .?!")


@pytest.mark.parametrize("while_speculating", [False, True], ids=["typed", "speculating"])
async def test_a_voice(
    simulate: Simulate,
    vad: VoiceActivity,
    while_speculating: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def play(fault: str) -> Wait:
        simulators = await simulate(faults=f"cartesia-tts:{fault}" if fault else "")
        voice = CartesiaSpeech(
            api_key=simulators.settings["CARTESIA_API_KEY"], base_url=simulators.settings["CARTESIA_BASE_URL"]
        )
        engines = Engines(
            vad=vad,
            recognisers=(FakeRecognizer([SCRIPTED]),),
            models=(FakeModel(lambda _: REPLY),),
            voices=(voice, FakeVoice()),
        )
        settings = ConversationSettings(turn_detection=SemanticVad(eagerness="high"), voice_rungs=2)
        try:
            async with on_the_line(engines, settings) as caller:
                return await (talk_twice(caller) if while_speculating else type_twice(caller))
        finally:
            await voice.aclose()

    usual, waits = await all_at_once("cartesia voice", play, TTS_MOMENTS)
    for moment, waited in waits.items():
        assert waited.first_ms - usual.first_ms <= RECOVERY_MS, f"{moment}: {waited}"
        assert waited.gap_ms <= RECOVERY_MS, f"{moment}: {waited}"
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR], "an unhandled exception"


async def type_twice(caller: Caller) -> Wait:
    """Two typed turns, spoken replies."""
    assert caller.runner is not None
    waits = []
    for turn in range(2):
        caller.runner.post(facts.ItemCreate(user_text("", "what does it cost?")))
        caller.runner.post(facts.ResponseCreate())
        await heard_out(caller, turn)
        timings = caller.all(act.TurnTimings)[turn]
        assert isinstance(timings, act.TurnTimings)
        assert timings.response_latency_ms is not None
        waits.append(timings.response_latency_ms)
    assert caller.heard() == [REPLY, REPLY], "each reply is heard whole and once"
    return Wait(max(waits), longest_gap_ms(caller))


async def all_at_once(
    provider: str, play: Callable[[str], Awaitable[Wait]], moments: dict[str, str]
) -> tuple[Wait, dict[str, Wait]]:
    """The usual wait, and the wait in each case; a case that went wrong is named."""
    usual, *outcomes = await asyncio.gather(play(""), *map(play, moments.values()), return_exceptions=True)
    assert isinstance(usual, Wait), f"without a fault: {usual!r}"
    waits: dict[str, Wait] = {}
    print(f"\n{provider}: usually {usual.first_ms:.0f} ms to the first audible reply")  # noqa: T201 - it is to be seen
    for moment, outcome in zip(moments, outcomes, strict=True):
        shown = repr(outcome)
        if isinstance(outcome, Wait):
            waits[moment] = outcome
            shown = f"{outcome.first_ms - usual.first_ms:+6.0f} ms, longest silence in a reply {outcome.gap_ms:4.0f} ms"
        print(f"  {moment:36} {shown}")  # noqa: T201
    wrong = {moment: outcome for moment, outcome in zip(moments, outcomes, strict=True) if moment not in waits}
    assert not wrong
    return usual, waits
