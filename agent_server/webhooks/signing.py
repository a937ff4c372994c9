"""Signatures of the Standard Webhooks specification: HMAC-SHA256 over id, time and body. Pure."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """As receivers are given it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(event_id: str, body: bytes, keys: Iterable[str], *, now: datetime) -> dict[str, str]:
    """``keys``: the secrets that are good now, each of which signs; receivers take any of the signatures."""
    timestamp = int(now.timestamp())
    content = b"%s.%d.%s" % (event_id.encode(), timestamp, body)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(key, content)}" for key in keys),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
