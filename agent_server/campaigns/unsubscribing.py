"""Links by which whoever got a message gets no more, and which nobody can make but this server. Pure.

A link names the message and holds its address's hash, so that it works for as long as the message is kept anywhere:
after the lead was deleted too, and whatever address the lead has by then.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from uuid import UUID

from msgspec import Struct

from storage import email_address

_ID_BYTES = 16
_HASH_BYTES = 32
_SIGNATURE_BYTES = 16


class Unsubscription(Struct, frozen=True):
    message_id: UUID
    address_hash: bytes


class UnsubscribeLinks(Struct, frozen=True):
    """``keys``: the one links are signed with, and those they were signed with before. ``base_url``: where the world
    finds this server; empty: nowhere."""

    base_url: str
    keys: tuple[bytes, ...]

    def token(self, message_id: UUID, address: str) -> str:
        told = message_id.bytes + email_address.hashed(address)
        return urlsafe_b64encode(told + _signature(self.keys[0], told)).rstrip(b"=").decode()

    def url(self, token: str) -> str:
        return f"{self.base_url}/unsubscribe/{token}"

    def read(self, token: str) -> Unsubscription | None:
        """None: it is none of ours."""
        try:
            raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except ValueError:
            return None
        told, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
        if len(told) != _ID_BYTES + _HASH_BYTES:
            return None
        matches = [hmac.compare_digest(_signature(key, told), signature) for key in self.keys]
        return Unsubscription(UUID(bytes=told[:_ID_BYTES]), told[_ID_BYTES:]) if any(matches) else None


def links_of(public_url: str | None, installation_secrets: str) -> UnsubscribeLinks:
    """``installation_secrets``: the keys of the installation by comma, the newest first."""
    keys = (key.strip().encode() for key in installation_secrets.split(",") if key.strip())
    return UnsubscribeLinks(
        (public_url or "").rstrip("/"), tuple(hmac.new(key, b"unsubscribe-links", sha256).digest() for key in keys)
    )


def _signature(key: bytes, told: bytes) -> bytes:
    return hmac.new(key, told, sha256).digest()[:_SIGNATURE_BYTES]
