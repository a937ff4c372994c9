import pytest

from agent_server.cli.diagnosis.probes import Probe, http_address, probes, verdict
from agent_server.settings import read_settings


def test_nothing_configured_is_nothing_asked() -> None:
    assert list(probes(read_settings({}, {}, {}))) == []


def test_each_service_is_asked_its_own_way() -> None:
    environment = {
        "DEEPGRAM_API_KEY": "dg",
        "DEEPGRAM_BASE_URL": "wss://deepgram.example",
        "CARTESIA_API_KEY": "ca",
        "CEREBRAS_API_KEY": "ce",
        "ANTHROPIC_API_KEY": "an",
        "OLLAMA_BASE_URL": "http://127.0.0.1:11434/v1",
        "CLOSE_API_KEY": "cl",
        "APOLLO_API_KEY": "ap",
        "LINKEDIN_CLIENT_ID": "li",
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "tw",
    }
    found = {probe.part: probe for probe in probes(read_settings(environment, {}, {}))}
    assert found["deepgram"].url == "https://deepgram.example/v1/auth/token"
    assert found["deepgram"].headers == {"Authorization": "Token dg"}
    assert found["cartesia"].headers["Cartesia-Version"]
    assert found["cerebras"].url == "https://api.cerebras.ai/v1/models"
    assert found["anthropic"].headers["x-api-key"] == "an"
    assert found["ollama"].proves_key is False
    assert found["close"].headers == {"Authorization": "Basic Y2w6"}
    assert found["apollo"].headers == {"X-Api-Key": "ap"}
    assert found["twilio"].url == "https://api.twilio.com/2010-04-01/Accounts/AC1.json"
    assert "openai" not in found


@pytest.mark.parametrize(
    ("status", "works", "words"),
    [
        (200, True, "takes the key"),
        (401, False, "refuses the key (HTTP 401)"),
        (403, False, "refuses the key (HTTP 403)"),
        (429, True, "takes the key, but is at its rate limit now (HTTP 429)"),
        (404, False, "answers with HTTP 404; is the address right?"),
        (301, False, "answers with HTTP 301; is the address right?"),
        (500, False, "answers with HTTP 500; is the address right?"),
    ],
)
def test_what_an_answer_means(status: int, works: bool, words: str) -> None:
    assert verdict(Probe("x", "http://x"), status, None) == (works, words)


def test_where_no_key_is_asked_any_answer_is_one() -> None:
    probe = Probe("x", "http://x", proves_key=False)
    assert verdict(probe, 401, None) == (True, "reachable (HTTP 401)")
    assert verdict(probe, 502, None)[0] is False


def test_apollo_answers_200_to_a_bad_key_too() -> None:
    [probe] = probes(read_settings({"APOLLO_API_KEY": "ap"}, {}, {}))
    assert verdict(probe, 200, {"healthy": True, "is_logged_in": False}) == (False, "refuses the key")
    assert verdict(probe, 200, {"healthy": True, "is_logged_in": True}) == (True, "takes the key")


def test_the_http_form_of_an_address() -> None:
    assert http_address("ws://a") == "http://a"
    assert http_address("wss://a") == "https://a"
    assert http_address("https://a") == "https://a"
