"""What the vendor's own client may set of a session: it has its effect, or is refused by name."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from live_server import Server, StartServer, say, speech, until
from openai import BadRequestError
from scripted_engines import scripted_engines
from simulated_providers import Simulate, simulate  # noqa: F401 - a fixture

from pipelines.stt.deepgram_nova import DeepgramNova
from simulators.app import RunningSimulators

SAY = '{"script":{"sentences":["How much does it cost?"]}}'


def transcribing(**fields: Any) -> dict[str, Any]:
    turns = {"type": "semantic_vad", "eagerness": "high"}
    return {"type": "realtime", "audio": {"input": {"transcription": fields, "turn_detection": turns}}}


@pytest.fixture
async def vendor(simulate: Simulate) -> RunningSimulators:  # noqa: F811
    return await simulate(SAY, delays="deepgram-nova.final_ms=10")


@pytest.fixture
async def server(start_live: StartServer, vendor: RunningSimulators) -> AsyncIterator[Server]:
    """It listens through Deepgram Nova."""
    settings = vendor.settings
    nova = DeepgramNova(api_key=settings["DEEPGRAM_API_KEY"], base_url=settings["DEEPGRAM_BASE_URL"])
    yield await start_live(msgspec.structs.replace(scripted_engines(), recognisers=(nova,)))
    await nova.aclose()


async def completed(connection: Any, session: dict[str, Any]) -> Any:
    await connection.session.update(session=session)
    await until(connection, "session.updated")
    await say(connection, speech(), silence_ms=800)
    return (await until(connection, "conversation.item.input_audio_transcription.completed"))[-1]


async def test_a_transcript_comes_with_log_probabilities_when_asked_for(server: Server) -> None:
    wanted = {**transcribing(), "include": ["item.input_audio_transcription.logprobs"]}
    async with server.realtime() as connection:
        told = await completed(connection, wanted)
        assert " ".join(entry.token for entry in told.logprobs) == told.transcript
        assert all(-0.2 < entry.logprob <= 0.0 for entry in told.logprobs), "confidences of 0.9 and more"
        assert bytes(told.logprobs[0].bytes).decode() == told.logprobs[0].token


async def test_nobody_else_is_sent_any(server: Server) -> None:
    async with server.realtime() as connection:
        assert (await completed(connection, transcribing())).logprobs is None


async def test_language_and_prompt_reach_the_recogniser(server: Server, vendor: RunningSimulators) -> None:
    wanted = transcribing(language="de-AT", keywords=["Call Deck"], prompt="Kestrel, RingCentral")
    async with server.realtime() as connection:
        await completed(connection, wanted)
    query = vendor.simulation.seen["deepgram-nova"].requests[-1]["query"]
    assert [value for name, value in query if name == "language"] == ["de"]
    assert [value for name, value in query if name == "keyterm"] == ["Call Deck", "Kestrel", "RingCentral"]


@pytest.mark.parametrize(
    ("update", "code", "param"),
    [
        ({"prompt": {"id": "pmpt_1"}}, "prompt_not_found", "session.prompt"),
        ({"reasoning": {"effort": "high"}}, "unsupported_value", "session.reasoning.effort"),
        ({"reasoning": {"effort": "endless"}}, "invalid_value", "session.reasoning.effort"),
        ({"include": ["item.input_audio_transcription.colours"]}, "invalid_value", "session.include[0]"),
        (transcribing(delay="xhigh"), "unsupported_value", "session.audio.input.transcription.delay"),
        (transcribing(language="tlh"), "language_not_supported", "session.audio.input.transcription.language"),
        (transcribing(languages=["en", "de"]), "language_not_supported", "session.audio.input.transcription.languages"),
    ],
)
async def test_what_would_have_no_effect_is_refused_by_name(
    live: Server, update: dict[str, Any], code: str, param: str
) -> None:
    async with live.realtime() as connection:
        await connection.session.update(session={"type": "realtime", "instructions": "Be brief.", **update})
        error = (await until(connection, "error"))[-1].error
        assert (error.code, error.param) == (code, param)
        await connection.session.update(session={"type": "realtime"})
        shown = (await until(connection, "session.updated"))[-1].session
        assert shown.instructions != "Be brief.", "a refused update changes nothing"


async def test_what_is_the_case_anyway_may_be_asked_for(live: Server) -> None:
    asked = {**transcribing(language="en-US", delay="low"), "reasoning": {"effort": "minimal"}, "prompt": None}
    async with live.realtime() as connection:
        await connection.session.update(session=asked)
        shown = (await until(connection, "session.updated"))[-1].session
        assert (shown.reasoning.effort, shown.audio.input.transcription.delay) == ("minimal", "low")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("prompt", {"id": "pmpt_1"}, "prompt_not_found"),
        ("reasoning", {"effort": "xhigh"}, "unsupported_value"),
    ],
)
async def test_a_response_is_refused_the_same(live: Server, field: str, value: Any, code: str) -> None:
    async with live.realtime() as connection:
        await connection.response.create(response={field: value}, event_id="mine")
        error = (await until(connection, "error"))[-1].error
        assert (error.code, error.event_id) == (code, "mine")
        assert error.param.startswith(f"response.{field}")


async def test_a_client_secret_is_refused_the_same(live: Server) -> None:
    async with live.openai() as client:
        with pytest.raises(BadRequestError) as refused:
            await client.realtime.client_secrets.create(session=transcribing(language="tlh"))
    assert refused.value.code == "language_not_supported"
