"""The ``state`` of an OAuth sign-in: proof that the answer belongs to a sign-in this browser began here, not long ago.

Without it a stranger could make somebody's browser deliver the stranger's code, and connect the wrong account (RFC 6749
section 10.12). Nothing is stored: the state carries its own age and is signed for one browser.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

LIFETIME_S = 600.0
_MAX_LENGTH = 200


class StateRefused(Exception):  # noqa: N818 - names the fact
    """``code``: invalid_state or expired_state."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def signed(key: bytes, browser: str, now: float, nonce: str | None = None) -> str:
    """A state for one sign-in. ``browser`` is the value of a cookie that only this browser has."""
    payload = f"{int(now)}.{nonce or secrets.token_urlsafe(16)}"
    return f"{payload}.{_signature(key, browser, payload)}"


def verify(key: bytes, browser: str, state: str, now: float) -> None:
    """Raises StateRefused unless ``signed`` made this state for this browser within the last ten minutes."""
    payload, dot, signature = state[:_MAX_LENGTH].rpartition(".")
    if not dot or not hmac.compare_digest(signature.encode(), _signature(key, browser, payload).encode()):
        raise StateRefused("invalid_state", "This sign-in was not begun here.")
    if not 0 <= now - int(payload.partition(".")[0]) <= LIFETIME_S:
        raise StateRefused("expired_state", "This sign-in took too long; begin again.")


def _signature(key: bytes, browser: str, payload: str) -> str:
    # Bytes of a cookie that are no text came in as surrogates.
    message = f"oauth-state\n{browser}\n{payload}".encode("utf-8", "surrogateescape")
    return urlsafe_b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode().rstrip("=")
