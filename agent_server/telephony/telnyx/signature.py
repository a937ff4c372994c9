"""Whether a webhook comes from Telnyx. Pure.

Ed25519 over ``telnyx-timestamp``, ``|`` and the body (Telnyx, "Receiving webhooks").
"""

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SIGNATURE, TIMESTAMP = "telnyx-signature-ed25519", "telnyx-timestamp"
FRESH_S = 300.0
"""A webhook that is older was recorded; one from the future is none. Clocks may differ by as much."""


class TelnyxKey:
    """The public key of an account."""

    def __init__(self, public_key: str) -> None:
        """In Base64, as Telnyx shows it. Raises ValueError."""
        self._key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))

    def has_signed(self, body: bytes, *, signature: str | None, timestamp: str | None, now_s: float) -> bool:
        """``signature``, ``timestamp``: the headers; ``now_s``: since 1970."""
        if not signature or not timestamp or not (timestamp.isascii() and timestamp.isdecimal()):
            return False
        if len(timestamp) > 12 or abs(now_s - int(timestamp)) > FRESH_S:
            return False
        try:
            self._key.verify(base64.b64decode(signature, validate=True), f"{timestamp}|".encode() + body)
        except (InvalidSignature, ValueError):
            return False
        return True
