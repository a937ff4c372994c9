"""Random keys and ids, and how keys are kept: as SHA-256, because 256 random bits leave nothing to guess."""

import hashlib
import secrets
from datetime import UTC, datetime

_KEY_BYTES = 32
_ID_BYTES = 16


def new_key(prefix: str) -> str:
    """``prefix`` and 256 random bits, URL-safe."""
    return prefix + secrets.token_urlsafe(_KEY_BYTES)


def new_id(prefix: str) -> str:
    """``<prefix>_`` and 128 random bits: nobody meets or guesses another one."""
    return f"{prefix}_{secrets.token_hex(_ID_BYTES)}"


def key_hash(key: str) -> bytes:
    """SHA-256 of the key; what cannot be UTF-8 hashes too, and matches nothing we gave out."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def utc_now() -> datetime:
    return datetime.now(UTC)
