"""An agent that talks German: its language reaches recogniser, model and voice, whichever way the caller comes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from api_server import ApiServer, StartApi, bearer, error_of
from dialling import Dial, StartPhone
from msgspec import structs
from scripted_engines import FakeModel, scripted_engines
from simulated_providers import Simulate, simulate  # noqa: F401 - a fixture

from pipelines.conversation.rim.ports import Engines
from pipelines.stt.deepgram_flux import DeepgramFlux
from pipelines.tts.cartesia import CartesiaSpeech
from simulators.app import RunningSimulators

OURS = "+14155550100"
GERMAN = {"slug": "raeder", "name": "Zoë", "company": "Bol", "language": "de-ch", "numbers": [OURS]}
GREETING = "Guten Tag, was brauchen Sie?"


@pytest.fixture
async def vendors(simulate: Simulate) -> RunningSimulators:  # noqa: F811
    return await simulate('{"script": {"sentences": ["ja bitte"]}}')


@pytest.fixture
async def engines(vendors: RunningSimulators) -> AsyncIterator[Engines]:
    """As with keys of Deepgram and Cartesia."""
    keys = vendors.settings
    ears = DeepgramFlux(api_key=keys["DEEPGRAM_API_KEY"], base_url=keys["DEEPGRAM_BASE_URL"], sample_rate=24_000)
    voice = CartesiaSpeech(api_key=keys["CARTESIA_API_KEY"], base_url=keys["CARTESIA_BASE_URL"])
    async with AsyncExitStack() as stack:
        for engine in (ears, voice):
            stack.push_async_callback(engine.aclose)
        said = scripted_engines(answer=lambda _: GREETING)
        yield structs.replace(said, recognisers=(ears,), voices=(voice,))


async def wrote(server: ApiServer) -> dict[str, Any]:
    async with server.operator.post("/api/agent-profiles", json=GERMAN) as answer:
        assert answer.status == 201, await answer.text()
        made: dict[str, Any] = await answer.json()
        return made


def told_to_recogniser(vendors: RunningSimulators) -> dict[str, str]:
    return dict(vendors.simulation.seen["deepgram-flux"].requests[-1]["query"])


def told_to_model(engines: Engines) -> str:
    (model,) = engines.models
    assert isinstance(model, FakeModel)
    return "\n".join(message.content for message in model.requests[-1].messages)


async def test_the_telephone_is_answered_in_the_agents_language(
    start_phone: StartPhone, dial: Dial, engines: Engines, vendors: RunningSimulators
) -> None:
    server = await start_phone(engines=engines)
    assert (await wrote(server))["language"] == "de-CH"
    phone = await dial(server, calls_to=OURS)
    await phone.until(lambda: phone.heard_ms >= 500)
    phone.call.hang_up()
    assert told_to_recogniser(vendors).items() >= {"model": "flux-general-multi", "language_hint": "de"}.items()
    assert "plain spoken German (de-CH)" in told_to_model(engines)
    assert "talked with in German (de-CH)" in told_to_model(engines)
    assert vendors.simulation.seen["cartesia-tts"].requests[-1]["language"] == "de"


async def test_so_is_a_visitor_of_a_page_and_what_a_client_says_of_itself_goes_before_it(
    start_api: StartApi, engines: Engines, vendors: RunningSimulators
) -> None:
    server = await start_api(engines=engines)
    await wrote(server)
    async with server.client.post("/api/widget/session", headers={"Origin": server.url}, json={}) as answer:
        visitor = bearer((await answer.json())["value"])
    async with server.client.ws_connect("/v1/realtime", params={"agent": "raeder"}, headers=visitor) as socket:

        async def answered() -> None:
            await socket.send_json({"type": "response.create"})
            while (event := await socket.receive_json(timeout=10))["type"] != "response.done":
                assert event["type"] != "error", event

        await answered()
        assert told_to_recogniser(vendors)["language_hint"] == "de"
        assert vendors.simulation.seen["cartesia-tts"].requests[-1]["language"] == "de"
        session = {"type": "realtime", "audio": {"input": {"transcription": {"language": "fr"}}}}
        await socket.send_json({"type": "session.update", "session": session})
        await answered()
        assert told_to_recogniser(vendors)["language_hint"] == "fr"
        assert vendors.simulation.seen["cartesia-tts"].requests[-1]["language"] == "fr"
        assert "talked with in French (fr)" in told_to_model(engines)


async def test_a_language_that_nobody_here_understands_is_refused_when_it_is_saved(start_api: StartApi) -> None:
    server = await start_api()
    async with server.operator.get("/api/voice/languages") as answer:
        assert (await answer.json())["items"] == [{"code": "en", "name": "English"}], "its recogniser knows no other"
    for language, refused in (("de", (422, "language_not_supported")), ("not a tag", (400, "invalid_value"))):
        async with server.operator.post("/api/agent-profiles", json=GERMAN | {"language": language}) as answer:
            error = await error_of(answer)
            assert (answer.status, error["code"], error["param"]) == (*refused, "language")
