"""What is set up, and what to set next."""

import msgspec
from api_server import ApiServer

from agent_server.api.setup import Known, SetupStep, SetupWay, steps_of
from agent_server.settings import ProcessSettings, Settings, SpeechSettings, TelephonySettings

NOTHING = Known(
    company="", uses_example=True, subject="Tally", uses_models=False, model="playbook", crm_connected=False
)


def steps(settings: Settings, known: Known = NOTHING) -> dict[str, SetupStep]:
    return {step.name: step for step in steps_of(settings, known)}


def test_a_fresh_server_has_everything_before_it() -> None:
    found = steps(Settings())
    assert not any(step.done for step in found.values())
    assert found["phone"].missing == ("TWILIO_AUTH_TOKEN", "PUBLIC_URL")
    assert found["phone"].ways == (
        SetupWay("twilio", ("TWILIO_AUTH_TOKEN", "PUBLIC_URL")),
        SetupWay("telnyx", ("TELNYX_API_KEY", "TELNYX_PUBLIC_KEY", "PUBLIC_URL")),
    )
    assert [way.carrier for way in found["calling"].ways] == ["twilio", "telnyx"]
    assert (found["recognition"].using, found["voice"].using) == ("pocketsphinx", "espeak")
    assert found["knowledge"].missing == found["crm"].missing == ()


def test_a_step_is_done_by_what_is_set() -> None:
    settings = Settings(
        process=ProcessSettings(public_url="https://agent.example.com", allowed_origins=("*",)),
        speech=SpeechSettings(deepgram_api_key="deepgram-key-of-tests", cartesia_api_key="cartesia-key-of-tests"),
        telephony=TelephonySettings(twilio_auth_token="token-of-tests"),
    )
    known = msgspec.structs.replace(
        NOTHING, company="Acme", uses_models=True, model="cerebras/llama", crm_connected=True
    )
    found = steps(settings, known)
    assert {name for name, step in found.items() if not step.done} == {"knowledge", "calling", "invitations"}
    assert found["phone"].using == "twilio"
    assert found["calling"].missing == ("TWILIO_ACCOUNT_SID", "TWILIO_FROM_NUMBER")


def test_a_carrier_that_was_begun_with_is_the_only_one_told_of() -> None:
    found = steps(Settings(telephony=TelephonySettings(telnyx_api_key="key-of-tests")))
    assert found["phone"].ways == (SetupWay("telnyx", ("TELNYX_PUBLIC_KEY", "PUBLIC_URL")),)
    assert [way.carrier for way in found["calling"].ways] == ["telnyx"]
    chosen = steps(Settings(telephony=TelephonySettings(outbound_carrier="telnyx")))
    assert [way.carrier for way in chosen["calling"].ways] == ["telnyx"]


async def test_an_operator_is_told_and_no_visitor(api: ApiServer) -> None:
    async with api.operator.get("/api/setup") as answer:
        assert answer.status == 200, await answer.text()
        found = await answer.json()
    assert found["url"].startswith("http://127.0.0.1:")
    assert found["items"][0]["name"] == "knowledge"
    async with api.client.get("/api/setup") as answer:
        assert answer.status == 401
