import pytest

from agent_server.cli.diagnosis.telephone import calling, telephone, telnyx
from agent_server.settings import read_settings

TOKEN = {"TWILIO_AUTH_TOKEN": "0123456789abcdef"}


@pytest.mark.parametrize(
    ("variables", "state", "told"),
    [
        ({}, "off", "TWILIO_AUTH_TOKEN"),
        (TOKEN, "embedded", "set PUBLIC_URL"),
        (TOKEN | {"PUBLIC_URL": "http://agent.example.com"}, "failed", "https"),
        (
            TOKEN | {"PUBLIC_URL": "https://agent.example.com/"},
            "ok",
            "https://agent.example.com/telephony/twilio/voice",
        ),
        (TOKEN | {"PUBLIC_URL": "https://a.example", "TRANSFER_NUMBER": "+14155550199"}, "ok", "+14155550199"),
    ],
)
def test_what_is_missing_for_calls_is_told(variables: dict[str, str], state: str, told: str) -> None:
    finding = telephone(read_settings(variables, {}, {}))
    assert finding.state == state
    assert told in finding.detail


KEYS = {"TELNYX_API_KEY": "KEY0123", "TELNYX_PUBLIC_KEY": "A" * 43 + "="}


@pytest.mark.parametrize(
    ("variables", "state", "told"),
    [
        ({}, "off", "TELNYX_API_KEY, TELNYX_PUBLIC_KEY, PUBLIC_URL"),
        ({"TELNYX_API_KEY": "KEY0123"}, "failed", "set TELNYX_PUBLIC_KEY, PUBLIC_URL"),
        (KEYS, "failed", "PUBLIC_URL"),
        (KEYS | {"PUBLIC_URL": "http://a.example"}, "failed", "https"),
        (KEYS | {"PUBLIC_URL": "https://a.example"}, "ok", "https://a.example/telephony/telnyx/calls"),
    ],
)
def test_what_is_missing_for_calls_by_telnyx_is_told(variables: dict[str, str], state: str, told: str) -> None:
    finding = telnyx(read_settings(variables, {}, {}))
    assert finding.state == state
    assert told in finding.detail


NUMBER = TOKEN | {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_FROM_NUMBER": "+14155550100"}


@pytest.mark.parametrize(
    ("variables", "state", "told"),
    [
        (TOKEN, "off", "TWILIO_FROM_NUMBER"),
        (NUMBER, "failed", "PUBLIC_URL"),
        (
            KEYS | {"TELNYX_FROM_NUMBER": "+14155550100"},
            "failed",
            "through telnyx, set TELNYX_CONNECTION_ID",
        ),
        (NUMBER | {"OUTBOUND_CARRIER": "telnyx"}, "failed", "TELNYX_API_KEY"),
        (NUMBER | {"TWILIO_API_BASE": "http://127.0.0.1:8090/twilio"}, "ok", "+14155550100"),
        (NUMBER | {"PUBLIC_URL": "https://a.example", "CALLING_HOURS": "09:00-18:00"}, "ok", "09:00-18:00"),
    ],
)
def test_what_is_missing_to_call_people_is_told(variables: dict[str, str], state: str, told: str) -> None:
    finding = calling(read_settings(variables, {}, {}))
    assert finding.state == state
    assert told in finding.detail
