"""Who is at the door: an API key or a client secret, from the header or from the WebSocket's sub-protocols.

Keys are compared by their hash in storage and never appear in an answer, an error or a log line.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, get_args
from uuid import UUID

from aiohttp import hdrs, web
from msgspec import Struct
from multidict import CIMultiDict, CIMultiDictProxy

from agent_server.web.client_address import AddressLimit, Network, client_address
from agent_server.web.errors import Problem
from storage.errors import StorageError
from storage.keys.api_keys import ApiKeys
from storage.keys.client_secrets import VALUE_PREFIX, ClientSecrets
from storage.keys.secret_tokens import key_hash
from storage.shared.ttl_cache import TtlCache

Scope = Literal["realtime", "read", "write", "supervise", "send", "admin"]
"""``realtime``: hold conversations and mint client secrets. ``read`` and ``write``: the REST resources. ``supervise``:
whisper, speak and end in live conversations. ``send``: have campaigns sent without a person in between. ``admin``:
keys. A key with ``*`` has them all."""

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
ALL_SCOPES: Final = "*"
REALTIME_PROTOCOL: Final = "realtime"
"""The only sub-protocol a WebSocket may be answered with; the others carry keys."""

_KEY_PROTOCOL: Final = "openai-insecure-api-key."
_FAILURES_AT_ONCE = 20
_FAILURES_PER_MINUTE = 10.0
_KNOWN_KEYS = 1024
_KNOWN_FOR_S = 600.0
_LOOK_UP_S = 2.0
"""So long a door waits that lets in who is known while keys cannot be looked up."""
_SECRET_SCOPES = frozenset({"realtime"})

Headers = CIMultiDict[str] | CIMultiDictProxy[str]


class Caller(Struct, frozen=True):
    """Somebody with a valid key. ``session`` is what a client secret's sessions start from, ``lead_id`` or
    ``calls_from`` who talks in them, ``agent`` with which profile, as whoever minted it says; ``secret_hash`` names
    it. API keys have none of these."""

    kind: Literal["api_key", "client_secret"]
    key_id: str | None
    scopes: frozenset[str]
    session: Mapping[str, Any] | None = None
    lead_id: UUID | None = None
    calls_from: str | None = None
    key_name: str | None = None
    agent: str | None = None
    secret_hash: bytes | None = None

    @property
    def is_visitor(self) -> bool:
        """Whether the secret came through the widget's open door: nobody with an API key stands behind it."""
        return self.kind == "client_secret" and self.key_id is None

    def allows(self, scope: Scope) -> bool:
        return ALL_SCOPES in self.scopes or scope in self.scopes

    def require(self, scope: Scope) -> None:
        """Raises Problem (403) ``insufficient_permissions``."""
        if not self.allows(scope):
            raise Problem(403, "insufficient_permissions", f"This key lacks the scope '{scope}'.")


def offered_key(headers: Headers) -> str | None:
    """The key a request came with. Raises Problem (400) for a sub-protocol list that cannot be answered."""
    scheme, _, token = headers.get(hdrs.AUTHORIZATION, "").strip().partition(" ")
    protocols = offered_protocols(headers)
    carried = [entry.removeprefix(_KEY_PROTOCOL) for entry in protocols if entry.startswith(_KEY_PROTOCOL)]
    if carried and REALTIME_PROTOCOL not in protocols:
        # A browser takes no connection without one of its protocols, and the key is none to answer with.
        raise Problem(400, "missing_subprotocol", "Offer the sub-protocol 'realtime' beside the one with the key.")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return carried[0] if carried and carried[0] else None


def offered_protocols(headers: Headers) -> list[str]:
    """The entries of ``Sec-WebSocket-Protocol``."""
    values = headers.getall(hdrs.SEC_WEBSOCKET_PROTOCOL, [])
    return [entry.strip() for value in values for entry in value.split(",") if entry.strip()]


class Authenticator:
    """Checks keys, and slows down whoever guesses.

    An address that failed ``_FAILURES_AT_ONCE`` times has ``_FAILURES_PER_MINUTE`` tries a minute from there on. Keys
    that were good lately are let in all the same, so that nobody behind the same address is locked out by a guesser.
    Client secrets are new each time and cannot be guessed: they are looked up in any case.
    """

    def __init__(
        self,
        api_keys: ApiKeys,
        client_secrets: ClientSecrets,
        *,
        trusted_proxies: Sequence[Network] = (),
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api_keys = api_keys
        self._client_secrets = client_secrets
        self._trusted_proxies = tuple(trusted_proxies)
        self._monotonic_s = monotonic_s
        self._failures = AddressLimit(burst=_FAILURES_AT_ONCE, per_minute=_FAILURES_PER_MINUTE)
        self._known: TtlCache[bytes, Caller] = TtlCache(max_entries=_KNOWN_KEYS, ttl_s=_KNOWN_FOR_S)

    def address_of(self, request: web.BaseRequest) -> str:
        """The address limits are counted by."""
        forwarded = request.headers.getall(hdrs.X_FORWARDED_FOR, [])
        return client_address(request.remote, forwarded, self._trusted_proxies)

    async def authenticate(self, request: web.BaseRequest, scope: Scope, *, known_will_do: bool = False) -> Caller:
        """The caller, who has ``scope``. ``known_will_do``: while keys cannot be looked up, one that was good lately is
        let in, and goes on being so as long as it is used; for what says nothing of anybody.

        Raises Problem: 401 ``missing_api_key`` or ``invalid_api_key``, 403 ``insufficient_permissions``, 429
        ``too_many_failed_attempts``, 400 ``missing_subprotocol``; and StorageError when keys cannot be looked up.
        """
        key = offered_key(request.headers)
        if key is None:
            message = "Give an API key: 'Authorization: Bearer <key>'."
            raise Problem(401, "missing_api_key", message, headers={hdrs.WWW_AUTHENTICATE: "Bearer"})
        caller = await self._verified(key, self.address_of(request), known_will_do=known_will_do)
        caller.require(scope)
        return caller

    async def _verified(self, key: str, address: str, *, known_will_do: bool) -> Caller:
        now_s = self._monotonic_s()
        fingerprint = key_hash(key)
        wait_s = self._failures.wait_s(address, now_s)
        known = self._known.get(fingerprint, now_s)
        if wait_s > 0 and known is None and not key.startswith(VALUE_PREFIX):
            message = "Too many wrong keys came from this address."
            raise Problem(429, "too_many_failed_attempts", message, retry_after_s=wait_s)
        try:
            async with asyncio.timeout(_LOOK_UP_S if known_will_do and known is not None else None):
                caller = await self._look_up(key)
        except (StorageError, TimeoutError):
            if known is None or not known_will_do:
                raise
            caller = known
        if caller is None:
            self._known.forget(fingerprint)
            self._failures.take(address, now_s)
            message = "The API key is wrong, expired or revoked."
            raise Problem(401, "invalid_api_key", message, headers={hdrs.WWW_AUTHENTICATE: "Bearer"})
        self._known.put(fingerprint, caller, now_s)
        return caller

    async def _look_up(self, key: str) -> Caller | None:
        secret = await self._client_secrets.verify(key)
        if secret is not None:
            return Caller(
                "client_secret",
                secret.api_key_id,
                _SECRET_SCOPES,
                secret.session,
                lead_id=secret.lead_id,
                calls_from=secret.calls_from,
                agent=secret.agent,
                secret_hash=key_hash(key),
            )
        record = await self._api_keys.verify(key)
        if record is None:
            return None
        return Caller("api_key", record.id, frozenset(record.scopes), key_name=record.name)
