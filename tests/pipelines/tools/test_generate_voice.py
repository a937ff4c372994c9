"""``generate_voice`` with the embedded voice and with a simulated provider's."""

import base64
import io
import wave
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from simulated_providers import Simulate, simulate  # noqa: F401 - a fixture

from pipelines.agents.parts import NoLedger
from pipelines.bill import Bills
from pipelines.speech_usage.ledger import SpeechLedger
from pipelines.speech_usage.prices import SpeechPriceList
from pipelines.tools.port import Tool, ToolContext, ToolError
from pipelines.tools.speech import generate_voice
from pipelines.tts.cartesia import CartesiaSpeech
from pipelines.tts.espeak import EspeakSpeech

CONTEXT = ToolContext("conv_1", "key_1")
LEDGER = SpeechLedger(tracker=NoLedger(), prices=SpeechPriceList(), bills=Bills(), utc_now=lambda: datetime.now(UTC))
TEXT = "Your meeting is on Tuesday at ten."


@pytest.fixture
async def embedded() -> AsyncIterator[EspeakSpeech]:
    voice = await EspeakSpeech.start()
    yield voice
    await voice.aclose()


def sound(result: dict[str, Any]) -> tuple[wave.Wave_read, np.ndarray]:
    with wave.open(io.BytesIO(base64.b64decode(result["audio"]))) as file:
        return file, np.frombuffer(file.readframes(file.getnframes()), np.int16)


async def test_a_text_is_a_wav_file_that_is_heard(embedded: EspeakSpeech) -> None:
    result = await generate_voice((embedded,), LEDGER).run({"text": TEXT}, CONTEXT)
    file, samples = sound(result)
    assert (result["format"], result["voice"], file.getnchannels(), file.getsampwidth()) == ("wav", "espeak", 1, 2)
    assert result["duration_ms"] == pytest.approx(len(samples) / file.getframerate() * 1000, abs=1)
    assert 1000 < result["duration_ms"] < 6000
    assert np.abs(samples).max() > 3000


async def test_longer_texts_take_longer_and_voices_differ(embedded: EspeakSpeech) -> None:
    tool = generate_voice((embedded,), LEDGER)
    short, long, other = [
        await tool.run(asked, CONTEXT) for asked in ({"text": "Yes."}, {"text": TEXT}, {"text": TEXT, "voice": "coral"})
    ]
    assert short["duration_ms"] < long["duration_ms"]
    assert other["audio"] != long["audio"]


async def test_a_provider_speaks_and_where_it_fails_the_next_one_does(
    simulate: Simulate,  # noqa: F811
    embedded: EspeakSpeech,
) -> None:
    simulators = await simulate()
    provider = CartesiaSpeech(
        api_key=simulators.settings["CARTESIA_API_KEY"], base_url=simulators.settings["CARTESIA_BASE_URL"]
    )
    try:
        tool = generate_voice((provider, embedded), LEDGER)
        result = await tool.run({"text": TEXT}, CONTEXT)
        assert (result["voice"], sound(result)[0].getframerate()) == ("cartesia", 24_000)
        await simulators.aclose()
        assert (await tool.run({"text": TEXT}, CONTEXT))["voice"] == "espeak"
        with pytest.raises(ToolError) as failed:
            await generate_voice((provider,), LEDGER).run({"text": TEXT}, CONTEXT)
    finally:
        await provider.aclose()
    assert failed.value.retryable
    assert TEXT not in str(failed.value)


@pytest.mark.parametrize("asked", [{}, {"text": ""}, {"text": "x" * 1001}, {"text": 5}, {"text": "a", "loud": True}])
async def test_what_it_does_not_speak(asked: dict[str, Any]) -> None:
    with pytest.raises(ToolError) as refused:
        await generate_voice((), LEDGER).run(asked, CONTEXT)
    assert refused.value.code == "invalid_arguments"


def test_it_looks_up_nothing_and_changes_nothing() -> None:
    tool: Tool = generate_voice((), LEDGER)
    assert not (tool.policy.has_effect or tool.policy.retrieves)
