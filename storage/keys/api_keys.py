"""API keys: made, checked, revoked. The plain key leaves this module once, when it is made."""

import hmac
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from asyncpg import Record

from storage.conversations.records import ApiKeyRecord, IssuedApiKey
from storage.keys.secret_tokens import key_hash, new_id, new_key, utc_now
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries
from storage.shared.ttl_cache import TtlCache

KEY_PREFIX: Final = "sk_sales_"
_SHOWN_CHARS = len(KEY_PREFIX) + 5
_CACHE_ENTRIES = 4096
_MAX_KEY_CHARS = 512
_QUERIES = load_queries("storage.queries", "api_keys.sql")


class ApiKeys:
    """The repository of API keys. Every method raises StorageError.

    A key found good is not looked up again for ``cache_ttl_s``; that is also how long another process may still take
    it after it was revoked. Unknown keys are remembered as well, apart, so that guessing cannot push good ones out.
    """

    def __init__(
        self,
        database: Database,
        *,
        cache_ttl_s: float = 10.0,
        now: Callable[[], datetime] = utc_now,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._now = now
        self._monotonic_s = monotonic_s
        self._good: TtlCache[bytes, ApiKeyRecord] = TtlCache(max_entries=_CACHE_ENTRIES, ttl_s=cache_ttl_s)
        self._bad: TtlCache[bytes, bool] = TtlCache(max_entries=_CACHE_ENTRIES, ttl_s=cache_ttl_s)
        self._revocations = 0

    async def create(self, name: str, *, scopes: Sequence[str] = ("*",)) -> IssuedApiKey:
        """A new key. ``*`` among the scopes stands for all of them."""
        key = new_key(KEY_PREFIX)
        record = self._record(name, key, scopes)
        await self._insert(record, key_hash(key))
        return IssuedApiKey(key=key, record=record)

    async def verify(self, key: str) -> ApiKeyRecord | None:
        """The key's record, or None when it is unknown or revoked. Costs microseconds while the answer is recent.

        Keys are looked up and compared by their hash, so timing tells nothing about a key.
        """
        if not 0 < len(key) <= _MAX_KEY_CHARS:
            return None
        hashed = key_hash(key)
        asked_s = self._monotonic_s()
        record = self._good.get(hashed, asked_s)
        if record is not None or self._bad.get(hashed, asked_s):
            return record
        revocations = self._revocations
        row = await self._database.fetch_one(_QUERIES["use_api_key"], hash=hashed, now=self._now())
        if row is None or row["revoked_at"] is not None or not hmac.compare_digest(row["hash"], hashed):
            self._bad.put(hashed, True, asked_s)
            return None
        record = _api_key(row)
        # An answer counts from when it was asked for, and not at all when a key was revoked meanwhile.
        if revocations == self._revocations:
            self._good.put(hashed, record, asked_s)
        return record

    async def revoke(self, key_id: str) -> bool:
        """At once here, within ``cache_ttl_s`` in other processes. False: no such key, or revoked before."""
        revoked = await self._database.execute(_QUERIES["revoke_api_key"], id=key_id, now=self._now()) == 1
        self._revocations += 1
        self._good.clear()
        return revoked

    async def list(self, *, limit: int = 50, cursor: str | None = None) -> Page[ApiKeyRecord]:
        """Newest first, revoked ones too. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        after = decode_cursor(cursor) if cursor is not None else None
        rows = await self._database.fetch_all(
            _QUERIES["list_api_keys"],
            before=after.at if after else None,
            before_id=after.id if after else None,
            rows=limit + 1,
        )
        return page_of([_api_key(row) for row in rows], limit, key=lambda record: (record.created_at, record.id))

    async def ensure_first_key(self, key: str) -> ApiKeyRecord:
        """Make the operator's own key known, with all rights; returns its record, old or new.

        A key that was revoked stays revoked (``revoked_at`` of the record says so), and the key of an earlier start
        stays valid until it is revoked.
        """
        hashed = key_hash(key)
        await self._insert(self._record("first key", key, ("*",)), hashed)
        self._bad.clear()
        row = await self._database.fetch_one(_QUERIES["select_api_key"], hash=hashed)
        assert row is not None, "keys are never deleted"
        return _api_key(row)

    def _record(self, name: str, key: str, scopes: Sequence[str]) -> ApiKeyRecord:
        return ApiKeyRecord(
            id=new_id("key"), name=name, prefix=shown_prefix(key), scopes=tuple(scopes), created_at=self._now()
        )

    async def _insert(self, record: ApiKeyRecord, hashed: bytes) -> None:
        await self._database.execute(
            _QUERIES["insert_api_key"],
            id=record.id,
            name=record.name,
            prefix=record.prefix,
            hash=hashed,
            scopes=list(record.scopes),
            created_at=record.created_at,
        )


def shown_prefix(key: str) -> str:
    """What lists show of a key: five random characters of ours, at most a sixth of one the operator made up."""
    return key[:_SHOWN_CHARS] if key.startswith(KEY_PREFIX) else key[: min(4, len(key) // 6)]


def _api_key(row: Record) -> ApiKeyRecord:
    return ApiKeyRecord(
        id=row["id"],
        name=row["name"],
        prefix=row["prefix"],
        scopes=tuple(row["scopes"]),
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )
