"""Who may use Cartesia, and the dated version that every request names."""

import re
from uuid import uuid4

from aiohttp import web
from msgspec import Struct

from simulators.cartesia.errors import CartesiaError, invalid
from simulators.simulation import Simulation

LATEST_VERSION = "2026-08-14"
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_LONGEST_TOKEN_S = 3600


class Grants(Struct, frozen=True):
    tts: bool = False
    stt: bool = False
    agent: bool = False


class TokenRequest(Struct, frozen=True):
    expires_in: int | None = None
    grants: Grants | None = None


class Access:
    """The API key, and access tokens made with it."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._tokens: dict[str, tuple[float, Grants]] = {}

    def check(self, request: web.Request, capability: str) -> str:
        """The version the request speaks. ``capability``: ``tts``, ``stt`` or ``agent``. Raises CartesiaError."""
        if not self._allowed(request, capability):
            raise CartesiaError(401, "unauthorized", "Unauthorized", "The API key or access token is not valid.")
        version = version_of(request)
        if not _DATE.fullmatch(version):
            raise invalid("A Cartesia-Version header (YYYY-MM-DD) is required.")
        return version

    def make_token(self, request: web.Request, wanted: TokenRequest) -> str:
        """Only the API key itself can make tokens. Raises CartesiaError."""
        if _secret(request) != self._simulation.key("cartesia"):
            raise CartesiaError(401, "unauthorized", "Unauthorized", "The API key is not valid.")
        ttl_s = _LONGEST_TOKEN_S if wanted.expires_in is None else wanted.expires_in
        if not 0 < ttl_s <= _LONGEST_TOKEN_S:
            raise invalid("expires_in must be between 1 and 3600 seconds.")
        token = f"simulated.{uuid4().hex}"
        self._tokens[token] = (self._simulation.clock.now() + ttl_s, wanted.grants or Grants())
        return token

    def _allowed(self, request: web.Request, capability: str) -> bool:
        secret = _secret(request)
        if secret == self._simulation.key("cartesia"):
            return True
        expires, grants = self._tokens.get(secret, (0.0, Grants()))
        return expires > self._simulation.clock.now() and bool(getattr(grants, capability))


def version_of(request: web.Request) -> str:
    """As the query says, or else the header; empty when neither does."""
    return request.query.get("cartesia_version") or request.headers.get("Cartesia-Version") or ""


def _secret(request: web.Request) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return secret.strip()
    return request.headers.get("X-API-Key") or request.query.get("access_token") or ""
