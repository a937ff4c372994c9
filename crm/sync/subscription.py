"""Keeps a platform's webhook subscription: there, at our address, not paused, with a signature key we know.

The key is shown once, when the subscription is made, and stored encrypted. A subscription at our address whose key we
do not have (its creation was never answered, or the database is another) is of no use to anybody and makes way.
Webhooks only make the sync quick: whatever they miss is in the change feed.
"""

import logging
from collections.abc import Iterable
from typing import Literal

from crm.contact import Subscription
from crm.credentials import Credential, CredentialStore
from crm.provider import Provider
from crm.vault import VaultError

_log = logging.getLogger(__name__)

ACCOUNT = "webhook"
"""Where the credential store keeps the signature key; its one scope is the subscription's id."""
Kept = Literal["kept", "repaired", "created"]


class SubscriptionKeeper:
    """One platform's. Not to be run twice at a time: the jobs' lock sees to that."""

    def __init__(self, provider: Provider, store: CredentialStore, url: str) -> None:
        self._provider = provider
        self._store = store
        self._url = url

    async def keep(self) -> Kept:
        """Raises CrmError, StorageError."""
        ours = await self._stored_id()
        there = await self._provider.subscriptions()
        mine = next((entry for entry in there if entry.id == ours and entry.url == self._url), None)
        if mine is not None:
            await self._remove(entry for entry in there if entry.url == self._url and entry.id != ours)
            if mine.is_active and mine.is_complete:
                return "kept"
            await self._provider.repair_subscription(mine.id)
            return "repaired"
        made = await self._provider.subscribe(self._url)
        key = Credential(self._provider.platform, ACCOUNT, api_key=made.signature_key, scopes=(made.id,))
        await self._store.put(key)
        await self._remove(entry for entry in there if entry.url == self._url or entry.id == ours)
        _log.info("made a webhook subscription at %s", self._provider.platform)
        return "created"

    async def _stored_id(self) -> str | None:
        """The id of the subscription whose key we can read."""
        try:
            stored = await self._store.get(self._provider.platform, ACCOUNT)
        except VaultError as error:
            _log.warning("the webhook's signature key cannot be read (%s) and is replaced", error.code)
            return None
        return stored.scopes[0] if stored is not None and stored.is_active and stored.scopes else None

    async def _remove(self, superfluous: Iterable[Subscription]) -> None:
        for entry in superfluous:
            await self._provider.unsubscribe(entry.id)
