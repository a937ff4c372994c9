"""Client secrets: short-lived keys with which a browser opens sessions prepared for it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from storage.conversations.records import ClientSecretRecord, IssuedClientSecret
from storage.errors import StorageError
from storage.keys.secret_tokens import key_hash, new_key, utc_now
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

# Browser SDKs of the realtime protocol refuse a key that begins otherwise.
VALUE_PREFIX: Final = "ek_"
# The realtime protocol's own bounds of ``expires_after.seconds``.
MIN_TTL_S: Final = 10.0
MAX_TTL_S: Final = 7200.0
DEFAULT_TTL_S: Final = 600.0
DEFAULT_CONVERSATIONS: Final = 10
MOST_CONVERSATIONS: Final = 1000
_QUERIES = load_queries("storage.queries", "client_secrets.sql")


class ClientSecrets:
    """The repository of client secrets. Every method raises StorageError."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    async def mint(
        self,
        session: dict[str, Any],
        *,
        ttl_s: float = DEFAULT_TTL_S,
        api_key_id: str | None = None,
        lead_id: UUID | None = None,
        calls_from: str | None = None,
        agent: str | None = None,
        conversations: int = DEFAULT_CONVERSATIONS,
    ) -> IssuedClientSecret:
        """A secret for sessions that start from ``session``, until it expires. ``lead_id`` or ``calls_from``: who talks
        in them. ``agent``: with which profile. ``conversations``: how many begin with it; any number of sessions may
        continue one.

        Raises StorageError ``invalid_ttl`` outside 10 to 7200 seconds.
        """
        if not MIN_TTL_S <= ttl_s <= MAX_TTL_S:
            raise StorageError("invalid_ttl", f"A client secret lives {MIN_TTL_S:.0f} to {MAX_TTL_S:.0f} seconds.")
        value = new_key(VALUE_PREFIX)
        now = self._now()
        # Whole seconds, as the protocol tells the client.
        expires_at = (now + timedelta(seconds=ttl_s)).replace(microsecond=0)
        await self._database.execute(
            _QUERIES["insert_client_secret"],
            hash=key_hash(value),
            session=session,
            expires_at=expires_at,
            api_key_id=api_key_id,
            lead_id=lead_id,
            calls_from=calls_from,
            agent=agent,
            conversations=conversations,
            created_at=now,
        )
        record = ClientSecretRecord(
            session=session,
            expires_at=expires_at,
            api_key_id=api_key_id,
            lead_id=lead_id,
            calls_from=calls_from,
            agent=agent,
        )
        return IssuedClientSecret(value=value, record=record)

    async def verify(self, value: str) -> ClientSecretRecord | None:
        """None when it is unknown, expired, or minted by a key that was revoked since."""
        if not value.startswith(VALUE_PREFIX):
            return None
        row = await self._database.fetch_one(_QUERIES["select_client_secret"], hash=key_hash(value), now=self._now())
        return ClientSecretRecord(**row) if row else None

    async def begin(self, value_hash: bytes) -> bool:
        """A conversation begins with the secret. False: as many have as may."""
        return await self._database.execute(_QUERIES["begin_with_client_secret"], hash=value_hash) > 0

    async def begins(self, value_hash: bytes) -> bool:
        """Whether one more may."""
        return bool(await self._database.fetch_value(_QUERIES["client_secret_begins"], hash=value_hash))

    async def purge(self) -> int:
        """Delete the expired ones; returns how many."""
        return await self._database.execute(_QUERIES["purge_client_secrets"], now=self._now())
