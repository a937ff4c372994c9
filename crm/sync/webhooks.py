"""Webhook deliveries: checked, told apart from those that came before, noted, and answered. What changed is read later,
by the worker, so that a burst costs the door one small transaction each."""

from collections.abc import Callable, Mapping
from datetime import datetime

from crm.contact import Change
from crm.provider import Provider, WebhookRefused
from crm.sync import cursors
from crm.sync.signature_keys import SignatureKeys
from crm.sync.store import SyncStore

MAX_BODY_BYTES = 4 * 1024 * 1024
"""A delivery holds one object and what it was before; the largest lead seen is far below that."""


class WebhookDoor:
    """Takes in one platform's deliveries."""

    def __init__(
        self,
        store: SyncStore,
        provider: Provider,
        keys: SignatureKeys,
        now: Callable[[], datetime],
        arrived: Callable[[str], object] = lambda platform: None,
    ) -> None:
        """``arrived`` hears of a platform something is to be read at, once that is durable; it must not raise."""
        self._store = store
        self._provider = provider
        self._keys = keys
        self._now = now
        self._arrived = arrived

    async def take(self, headers: Mapping[str, str], body: bytes) -> bool:
        """``headers`` with lower-case names. False: it concerns nothing here, or came before.

        Raises WebhookRefused, and StorageError when it could not be kept: the sender has to try again then.
        """
        now = self._now()
        change = await self._received(headers, body, now.timestamp())
        if change is None:
            return False
        platform = self._provider.platform
        records = cursors.to_read([change])
        new = await self._store.inbox.receive(platform, cursors.name_of(change), records, now=now)
        if new:
            self._arrived(platform)
        return new

    async def _received(self, headers: Mapping[str, str], body: bytes, now: float) -> Change | None:
        """A signature by a key that another process has just been given is good too."""
        try:
            return self._provider.receive(headers, body, keys=await self._keys.current(), now=now)
        except WebhookRefused as refusal:
            if refusal.code != "bad_signature" or not await self._keys.renewed():
                raise
        return self._provider.receive(headers, body, keys=await self._keys.current(), now=now)
