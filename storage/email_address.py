"""E-mail addresses in one spelling, for comparing and storing."""

import hashlib
import re

PATTERN = r"[^\s@<>(),;:\"\[\]\\]{1,64}@(?:[^\s@.<>(),;:\"\[\]\\]{1,63}\.)+[^\s@.<>(),;:\"\[\]\\]{2,63}"
MAX_CHARS = 254
"""RFC 5321 4.5.3.1.3, less the angle brackets."""

_ADDRESS = re.compile(PATTERN)


def normalised(text: str | None) -> str | None:
    """Lower case, without ``mailto:`` and spaces; None when it is no address.

    The part before the @ is case-sensitive in RFC 5321 and nowhere else; Close and Apollo fold it too.
    """
    address = (text or "").strip().removeprefix("mailto:").strip().lower()
    if len(address) > MAX_CHARS or not _ADDRESS.fullmatch(address):
        return None
    return address


def hashed(address: str) -> bytes:
    """SHA-256 of the address in its one spelling, by which an address is known when it is no longer kept."""
    return hashlib.sha256(address.lower().encode()).digest()
