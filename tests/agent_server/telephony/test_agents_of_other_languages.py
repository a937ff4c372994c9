"""An agent that talks German: its language reaches recogniser, model and voice, whichever way the caller comes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from api_server import ApiServer, StartApi, bearer, error_of
from dialling import Dial, StartPhone, telephone_audio
from msgspec import structs
from scripted_engines import FakeModel, FakeRecognizer, scripted_engines
from simulated_providers import Simulate, simulate  # noqa: F401 - a fixture

from agent_server.telephony import apologies
from agent_server.telephony.colleague import announcement
from agent_server.telephony.outbound import opening
from agent_server.telephony.twilio import twiml
from pipelines.conversation.rim.ports import Engines
from pipelines.language.words import said
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
        scripted = scripted_engines(answer=lambda _: GREETING)
        yield structs.replace(scripted, recognisers=(ears,), voices=(voice,))


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
    engines: Engines, vendors: RunningSimulators, start_phone: StartPhone, dial: Dial
) -> None:
    server = await start_phone(engines=engines)
    assert (await wrote(server))["language"] == "de-CH"
    phone = await dial(server, calls_to=OURS)
    await phone.until(lambda: phone.heard_ms >= 500)
    phone.call.hang_up()
    await phone.over()
    assert told_to_recogniser(vendors).items() >= {"model": "flux-general-multi", "language_hint": "de"}.items()
    assert "plain spoken German (de-CH)" in told_to_model(engines)
    assert "talked with in German (de-CH)" in told_to_model(engines)
    assert vendors.simulation.seen["cartesia-tts"].requests[-1]["language"] == "de"


async def test_so_is_a_visitor_of_a_page_and_what_a_client_says_of_itself_goes_before_it(
    engines: Engines, vendors: RunningSimulators, start_api: StartApi
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


class Bilingual(FakeRecognizer):
    languages = frozenset({"en", "de"})


def bilingual(said: str, answer: str) -> Engines:
    engines = scripted_engines(answer=lambda _: answer)
    return structs.replace(engines, recognisers=(Bilingual([said]),))


async def test_a_call_too_many_is_told_so_and_the_agent_hangs_up_after_its_own_good_bye(
    start_phone: StartPhone, dial: Dial
) -> None:
    server = await start_phone(
        engines=bilingual("ja", "Danke für Ihren Anruf. Auf Wiederhören!"), MAX_CONVERSATIONS="1"
    )
    await wrote(server)
    first = await dial(server, calls_to=OURS)
    await first.until(lambda: first.heard_ms > 0)
    second = await dial(server, calls_to=OURS)
    await second.over()
    assert second.call.said == [said(apologies.BUSY, "de")]
    await first.over()
    assert first.call.ended_by == "server"


async def test_who_wants_no_more_calls_in_german_is_on_the_list_before_the_call_ends(
    start_phone: StartPhone, dial: Dial
) -> None:
    server = await start_phone(engines=bilingual("Rufen Sie mich bitte nie wieder an", "In Ordnung."))
    await wrote(server)
    phone = await dial(server, calls_to=OURS, calls_from="+493012345678")
    await phone.until(lambda: phone.heard_ms >= 300)
    phone.call.handset.say(telephone_audio())
    await phone.until(lambda: phone.heard_ms >= 900)
    phone.call.hang_up()
    await phone.over()
    async with server.operator.get("/api/do-not-call/check?number=%2B493012345678") as answer:
        assert (await answer.json())["suppressed"] is True


def test_calls_of_ours_begin_and_are_left_on_voicemails_in_it() -> None:
    assert opening.greeting("Zoë", "Bol", name="Jan Smit", purpose="Ihre Testphase", language="de") == (
        "Guten Tag Jan, hier ist Zoë, die KI-Assistenz von Bol. Es geht um Ihre Testphase. Wenn Sie keine Anrufe mehr"
        " möchten, sagen Sie es einfach. Haben Sie einen Moment Zeit?"
    )
    left = opening.message("", "", "+493012345678", purpose=None, language="de")
    assert left.startswith("Guten Tag, hier ist Ava, eine KI-Assistenz aus dem Vertrieb. Schade,")
    assert "unter plus 4 9" in left


def test_a_colleague_is_told_in_it() -> None:
    told = announcement(name="Jan Smit", company="Bol", summary="Braucht zwanzig Räder.", language="de")
    assert told == "Ein Anruf von Jan Smit von Bol. Braucht zwanzig Räder."


def test_carriers_have_a_voice_for_what_is_said_in_it() -> None:
    tags = ("en-GB", "de-CH", "fr", "fr-CA", "es-AR", "pt-BR", "pl")
    assert [apologies.voice_tag(tag) for tag in tags] == (
        ["en-US", "de-DE", "fr-FR", "fr-CA", "es-ES", "pt-BR", "en-US"]
    )
    assert b'<Say language="de-DE">Hallo</Say>' in twiml.say("Hallo", "de-DE")


async def test_a_language_that_nobody_here_understands_is_refused_when_it_is_saved(start_api: StartApi) -> None:
    server = await start_api()
    async with server.operator.get("/api/voice/languages") as answer:
        assert (await answer.json())["items"] == [{"code": "en", "name": "English"}], "its recogniser knows no other"
    for language, refused in (("de", (422, "language_not_supported")), ("not a tag", (400, "invalid_value"))):
        async with server.operator.post("/api/agent-profiles", json=GERMAN | {"language": language}) as answer:
            error = await error_of(answer)
            assert (answer.status, error["code"], error["param"]) == (*refused, "language")
