"""Webhooks signed with real keys; tickets and states that go through the carrier."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent_server.telephony.telnyx.signature import FRESH_S, TelnyxKey
from agent_server.telephony.telnyx.states import (
    State,
    Ticket,
    call_mark,
    opened_state,
    opened_ticket,
    sealed_state,
    sealed_ticket,
)
from simulators.telnyx.signing import headers, public_key

API_KEY = "KEY0123456789"
NOW_S = 1_800_000_000.0
BODY = b'{"data":{"event_type":"call.initiated"}}'
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHERS = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = TelnyxKey(base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode())


def signature(timestamp: str = f"{NOW_S:.0f}", body: bytes = BODY, key: Ed25519PrivateKey = PRIVATE) -> str:
    return base64.b64encode(key.sign(timestamp.encode() + b"|" + body)).decode()


def has_signed(
    given: str | None, timestamp: str | None = f"{NOW_S:.0f}", body: bytes = BODY, now: float = NOW_S
) -> bool:
    return KEY.has_signed(body, signature=given, timestamp=timestamp, now_s=now)


def test_what_the_key_signed_is_telnyx_s() -> None:
    assert has_signed(signature())
    signed = headers(API_KEY, BODY, NOW_S)
    given, timestamp = signed["telnyx-signature-ed25519"], signed["telnyx-timestamp"]
    assert TelnyxKey(public_key(API_KEY)).has_signed(BODY, signature=given, timestamp=timestamp, now_s=NOW_S)
    assert not has_signed(given, timestamp), "another key"


@pytest.mark.parametrize("age_s", [FRESH_S + 1, -FRESH_S - 1])
def test_a_recorded_webhook_is_refused(age_s: float) -> None:
    assert has_signed(signature(), now=NOW_S + age_s * 0.99)
    assert not has_signed(signature(), now=NOW_S + age_s)


@pytest.mark.parametrize(
    ("given", "timestamp", "body"),
    [
        (None, "1800000000", BODY),
        ("", "1800000000", BODY),
        ("é", "1800000000", BODY),
        ("AAAA", "1800000000", BODY),
        (signature(), None, BODY),
        (signature(), "", BODY),
        (signature(), "1800000001", BODY),
        (signature(), "١٨٠٠٠٠٠٠٠٠", BODY),
        (signature("9" * 5000), "9" * 5000, BODY),
        (signature("soon"), "soon", BODY),
        (signature(), "1800000000", BODY + b" "),
        (signature(key=OTHERS), "1800000000", BODY),
    ],
)
def test_anything_else_is_not(given: str | None, timestamp: str | None, body: bytes) -> None:
    assert not has_signed(given, timestamp, body)


TICKET = Ticket("serial", call_mark("v3:call"), "conv_0123456789abcdef01234567", continued=False, expires_at=1000.0)
STATE = State("talking", "conv_1", 2)


def test_a_ticket_opens_until_it_expires() -> None:
    text = sealed_ticket(TICKET, API_KEY)
    assert len(text) < 300
    assert text.isascii()
    assert "/" not in text
    assert opened_ticket(text, API_KEY, 999.0) == TICKET
    assert opened_ticket(text, API_KEY, 1000.0) is None
    assert opened_ticket(text, API_KEY[::-1], 0.0) is None


def test_a_state_comes_back_as_it_was_and_is_no_ticket() -> None:
    text = sealed_state(STATE, API_KEY)
    assert opened_state(text, API_KEY) == STATE
    assert opened_state(text, API_KEY[::-1]) is None
    inner = base64.b64decode(text).decode()
    assert opened_ticket(inner, API_KEY, 0.0) is None


@pytest.mark.parametrize("text", [None, "", "x", "é", "AAAA", base64.b64encode(b"\xff\xfe").decode()])
def test_what_others_say_of_a_call_tells_nothing(text: str | None) -> None:
    assert opened_state(text, API_KEY) is None
    assert opened_ticket(text or "", API_KEY, 0.0) is None
