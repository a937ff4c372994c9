"""Signatures as the vendors' own library checks them, and as the receiver of ours does."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from agent_server.webhooks.signing import new_secret, signed_headers
from simulators.webhook_receiver import refusal

BODY = '{"type":"webhook.test","data":{"message":"Grüße"}}'.encode()


def good(secret: str, headers: dict[str, str], body: bytes = BODY) -> bool:
    """To both, who agree."""
    ours = refusal(secret, headers, body, now_s=datetime.now(UTC).timestamp()) is None
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        assert not ours
        return False
    assert ours
    return True


def test_the_specification_s_own_example() -> None:
    secret = "whsec_plJ3nmyCDGBKInavdOK15jsl"
    body = b'{"event_type":"ping","data":{"success":true}}'
    at = datetime.fromtimestamp(1731705121, UTC)
    headers = signed_headers("msg_loFOjxBNrRLzqYUf", body, [secret], now=at)
    assert headers["webhook-signature"] == Webhook(secret).sign("msg_loFOjxBNrRLzqYUf", at, body.decode())


def test_a_signature_is_good_for_its_request_alone() -> None:
    secret, now = new_secret(), datetime.now(UTC)
    headers = signed_headers("msg_1", BODY, [secret], now=now)
    assert good(secret, headers)
    assert not good(new_secret(), headers)
    assert not good(secret, headers, BODY + b" ")
    assert not good(secret, headers | {"webhook-id": "msg_2"})
    assert not good(secret, headers | {"webhook-timestamp": str(int(now.timestamp()) + 1)})
    assert not good(secret, signed_headers("msg_1", BODY, [secret], now=now - timedelta(minutes=6)))
    assert not good(secret, {})


def test_with_two_secrets_either_is_good() -> None:
    first, second = new_secret(), new_secret()
    headers = signed_headers("msg_1", BODY, [second, first], now=datetime.now(UTC))
    assert good(first, headers) and good(second, headers)


@pytest.mark.parametrize("junk", ["v1,", "v2,abc", "v1,ü", "nonsense"])
def test_junk_is_no_signature(junk: str) -> None:
    headers = signed_headers("msg_1", BODY, [new_secret()], now=datetime.now(UTC)) | {"webhook-signature": junk}
    assert refusal(new_secret(), headers, BODY, now_s=datetime.now(UTC).timestamp()) == "wrong_signature"
