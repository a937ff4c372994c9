"""Where facts of people and companies come from."""

from typing import Any, Protocol

from crm.contact import Enrichment, PersonKey
from storage.leads.enrichment_cache import CachedEnrichment


class Source(Protocol):
    """``confidence``: how far its facts are to be trusted, 0 to 1 · ``credits``: what one match costs."""

    @property
    def name(self) -> str: ...

    @property
    def confidence(self) -> float: ...

    @property
    def credits(self) -> int: ...

    def can_find(self, key: PersonKey) -> bool:
        """Whether the key is enough for it."""

    async def find(self, key: PersonKey, *, deadline_s: float) -> Enrichment | None:
        """None: no match. Raises CrmError."""


class Cache(Protocol):
    async def get(self, source: str, key: str) -> CachedEnrichment | None: ...

    async def put(self, source: str, key: str, data: dict[str, Any] | None) -> None: ...
