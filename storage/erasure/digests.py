"""Numbers and addresses that must be known again after they were erased, by keyed hash alone: without the key nobody
can try them all."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from storage.erasure.person import Subject
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

CrmChoice = Literal["delete", "keep"]
Named = Literal["phone", "email", "lead", "place"]

_SQL = load_queries("storage.queries", "erasures.sql")
_PURPOSE: Final = b"sales-agent erased people"


class Digests:
    """Of the server's encryption keys, newest first: the first one writes, all are looked under."""

    def __init__(self, keys: Sequence[str]) -> None:
        """``keys`` as ENCRYPTION_KEY has them."""
        self._keys = [hmac.digest(base64.urlsafe_b64decode(key), _PURPOSE, hashlib.sha256) for key in keys]
        if not self._keys:
            raise ValueError("digests: a key is needed")

    @classmethod
    def from_setting(cls, text: str) -> "Digests":
        """Keys separated by commas, newest first."""
        return cls([key.strip() for key in text.split(",") if key.strip()])

    def of(self, kind: Named, value: str) -> bytes:
        """As it is kept from now on."""
        return _digest(self._keys[0], kind, value)

    def any_of(self, kind: Named, value: str) -> list[bytes]:
        """As it may be kept."""
        return [_digest(key, kind, value) for key in self._keys]

    def of_subject(self, subject: Subject) -> list[bytes]:
        """As a finished erasure of whom it names may be known."""
        if subject.lead_id is not None:
            return self.any_of("lead", str(subject.lead_id))
        return self.any_of("phone", subject.phone) if subject.phone else self.any_of("email", subject.email or "")


class ErasedPerson(Struct, frozen=True):
    """What is known of a number or address whose owner was erased. ``crm``: what becomes of records that have it."""

    do_not_call: bool
    crm: CrmChoice
    erased_at: datetime


class ErasedPeople:
    """Who was erased. Every method raises StorageError."""

    def __init__(self, database: Database, digests: Digests) -> None:
        self._database = database
        self.digests = digests

    async def get(self, kind: Named, value: str) -> ErasedPerson | None:
        """The latest that is known."""
        found = await self.among([(kind, value)])
        return found.get((kind, value))

    async def may_be_called(self, number: str) -> bool:
        """Take a number off the do-not-call list. False: it was not on it."""
        return (
            await self._database.execute(_SQL["erased_may_be_called"], digests=self.digests.any_of("phone", number)) > 0
        )

    async def among(
        self, values: Iterable[tuple[Named, str]], transaction: Transaction | None = None
    ) -> Mapping[tuple[Named, str], ErasedPerson]:
        """Those of ``values`` that belong to somebody who was erased."""
        by_digest = {digest: (kind, value) for kind, value in values for digest in self.digests.any_of(kind, value)}
        if not by_digest:
            return {}
        fetch = transaction.fetch_all if transaction is not None else self._database.fetch_all
        rows = await fetch(_SQL["erased_among"], digests=list(by_digest))
        return {
            by_digest[row["digest"]]: ErasedPerson(row["do_not_call"], row["crm"], row["erased_at"])
            for row in sorted(rows, key=lambda row: row["erased_at"])
        }


def _digest(key: bytes, kind: Named, value: str) -> bytes:
    return hmac.digest(key, f"{kind}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256)
