"""What goes out and has to come back as it was, by a carrier or in a link: proven by a MAC, readable to all. Pure."""

import base64
import hmac
from typing import TypeVar

import msgspec
from msgspec import Struct

_MAC_BYTES = 32
S = TypeVar("S", bound=Struct)


def sealed(value: Struct, secret: str, purpose: bytes) -> str:
    """Text that fits an address. ``purpose`` keeps apart what is sealed by one secret."""
    body = msgspec.json.encode(value)
    return base64.urlsafe_b64encode(_mac(secret, purpose, body) + body).decode()


def opened(text: str, kind: type[S], secret: str, purpose: bytes) -> S | None:
    """None: it is not ours."""
    try:
        raw = base64.urlsafe_b64decode(text)
    except ValueError:
        return None
    mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(secret, purpose, body)):
        return None
    return msgspec.json.decode(body, type=kind)


def _mac(secret: str, purpose: bytes, body: bytes) -> bytes:
    key = hmac.digest(secret.encode(), purpose, "sha256")  # apart from the key that signs or asks
    return hmac.digest(key, body, "sha256")
