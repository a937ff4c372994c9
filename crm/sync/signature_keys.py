"""The keys webhook deliveries are checked with: those of the settings, and the one of the subscription we made."""

import time
from collections.abc import Callable, Sequence

from crm.credentials import CredentialStore
from crm.sync.subscription import ACCOUNT
from crm.vault import VaultError

_TRUSTED_S = 30.0
"""How long they are used without looking again."""
_ANEW_S = 1.0
"""How often, at most, a bad signature makes us look whether the key was replaced: anybody can send one."""


class SignatureKeys:
    """One platform's, as this process last read them."""

    def __init__(
        self,
        store: CredentialStore,
        platform: str,
        given: Sequence[str] = (),
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._platform = platform
        self._given = tuple(given)
        self._monotonic = monotonic
        self._own: str | None = None
        self._read_at: float | None = None

    async def current(self) -> tuple[str, ...]:
        """Raises StorageError."""
        if self._age_s() >= _TRUSTED_S:
            await self._load()
        return (*self._given, self._own) if self._own else self._given

    async def renewed(self) -> bool:
        """After a bad signature: whether the keys are others than before, so that it is worth looking again."""
        if self._age_s() < _ANEW_S:
            return False
        before = self._own
        await self._load()
        return self._own != before

    async def _load(self) -> None:
        try:
            stored = await self._store.get(self._platform, ACCOUNT)
        except VaultError:
            stored = None  # replaced when the subscription is next looked after
        self._own = stored.api_key if stored is not None and stored.is_active else None
        self._read_at = self._monotonic()

    def _age_s(self) -> float:
        return float("inf") if self._read_at is None else self._monotonic() - self._read_at
