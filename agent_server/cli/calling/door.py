"""Where a server's realtime door is, and how to knock."""

from ipaddress import ip_address
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_PATH = "/v1/realtime"


class UrlError(ValueError):
    """An address that is none; the message says what is wanted."""


def door_url(address: str, *, model: str, conversation: str | None) -> str:
    """The WebSocket address for a server's: ``http://host:8080``, ``ws://host/v1`` or the door itself.

    Parameters that the address brings stay. Raises UrlError.
    """
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise UrlError(f"{address!r} is no address: {error}.") from error
    if parts.scheme not in _SCHEMES or not host:
        raise UrlError(f"{address!r} is no address of a server. One looks like http://127.0.0.1:8080.")
    path = parts.path.rstrip("/")
    if not path.endswith("/realtime"):
        path = path + ("/realtime" if path.endswith("/v1") else _PATH)
    query = dict(parse_qsl(parts.query))
    query.setdefault("model", model)
    query.setdefault("channel", "terminal")
    if conversation is not None:
        query["conversation"] = conversation
    return urlunsplit((_SCHEMES[parts.scheme], parts.netloc, path, urlencode(query), ""))


def is_loopback(address: str) -> bool:
    """Whether the server is this machine, so that its own key may be shown to it."""
    host = urlsplit(address if "://" in address else f"http://{address}").hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
