"""Webhooks as Telnyx signs them, with a key pair that is made from the API key: a simulated account has one of each."""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def private_key(api_key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(api_key.encode()).digest())


def public_key(api_key: str) -> str:
    """As Telnyx shows it."""
    return base64.b64encode(private_key(api_key).public_key().public_bytes_raw()).decode()


def headers(api_key: str, body: bytes, now_s: float) -> dict[str, str]:
    """Of a webhook that is sent now (seconds since 1970)."""
    timestamp = str(int(now_s))
    signature = private_key(api_key).sign(f"{timestamp}|".encode() + body)
    return {"telnyx-timestamp": timestamp, "telnyx-signature-ed25519": base64.b64encode(signature).decode()}
