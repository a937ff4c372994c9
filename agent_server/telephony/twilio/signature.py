"""Whether a request comes from Twilio: ``X-Twilio-Signature``. Pure.

HMAC-SHA1 with the account's auth token over the address as Twilio calls it and, for forms, every parameter's name and
value, sorted by name (Twilio, "Secure your webhooks"). A media stream's WebSocket is signed by its ``wss://`` address
alone.
"""

import base64
import hmac
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit, urlunsplit

_USUAL_PORTS = {"https": 443, "http": 80, "wss": 443, "ws": 80}


def signature(auth_token: str, url: str, form: Iterable[tuple[str, str]] = ()) -> str:
    """As the header has it. ``form``: names with values; a name that is given twice counts with each value once."""
    signed = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.digest(auth_token.encode(), _bytes(signed), "sha1")).decode()


def is_signed(given: str | None, auth_token: str, url: str, form: Iterable[tuple[str, str]] = ()) -> bool:
    """Whether the header proves the request, in any of the forms in which Twilio may have signed its address."""
    if not given:
        return False
    pairs = list(form)
    matches = [hmac.compare_digest(_bytes(given), signature(auth_token, each, pairs).encode()) for each in _forms(url)]
    return any(matches)


def _bytes(text: str) -> bytes:
    """What of a request's head is no UTF-8 came in as surrogates."""
    return text.encode("utf-8", "surrogateescape")


def _forms(url: str) -> Iterator[str]:
    """With the scheme's own port and without it, with a slash at the end and without it."""
    parts = urlsplit(url)
    hosts = {parts.netloc}
    port = _USUAL_PORTS.get(parts.scheme)
    if parts.port is None and port is not None:
        hosts.add(f"{parts.netloc}:{port}")
    elif parts.port == port:
        hosts.add(parts.netloc.rpartition(":")[0])
    for host in sorted(hosts):
        for path in dict.fromkeys((parts.path, parts.path.rstrip("/"), parts.path.rstrip("/") + "/")):
            yield urlunsplit((parts.scheme, host, path, parts.query, ""))
