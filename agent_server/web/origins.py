"""Which web pages may talk to this server. Browsers say where a page came from; other clients say nothing."""

from urllib.parse import urlsplit

from msgspec import Struct

from agent_server.web.client_address import is_loopback

ANY_ORIGIN = "*"


class OriginPolicy(Struct, frozen=True):
    """``allowed`` holds normal origins (see ``normal_origin``), or ``*`` for any.

    ``public_origin`` is where the world reaches this server. ``loopback``: it listens on this machine alone.
    """

    allowed: frozenset[str] = frozenset()
    public_origin: str | None = None
    loopback: bool = True

    def allows(self, origin: str | None, host: str | None) -> bool:
        """Whether a page of ``origin`` may call; ``host`` is the request's ``Host``.

        Our own pages always may. No origin means no browser page: keys alone decide then.
        """
        if origin is None or ANY_ORIGIN in self.allowed:
            return True
        normal = normal_origin(origin)
        if normal is None:
            return False
        return normal in self.allowed or normal == self.public_origin or self._is_own(normal, host)

    def _is_own(self, origin: str, host: str | None) -> bool:
        """Whether the page came from the very host it calls.

        On loopback the host must be a name of this machine: any other site can point its own name here (DNS
        rebinding), and its pages would then seem to be ours.
        """
        if host is None:
            return False
        same = origin in (normal_origin(f"http://{host}"), normal_origin(f"https://{host}"))
        return same and (not self.loopback or is_loopback_host(host))


def normal_origin(text: str) -> str | None:
    """``scheme://host[:port]`` in lower case, without the scheme's usual port; None when it is no web origin."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{host}" if port in (None, usual) else f"{parts.scheme}://{host}:{port}"


def is_loopback_host(host: str) -> bool:
    """Whether a ``Host`` header names this machine."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return name is not None and is_loopback(name)
