"""Webhook deliveries: checked, told apart from those that came before, noted, and answered. What changed is read later,
by the worker, so that a burst costs the door one small transaction each."""

from collections.abc import Callable, Mapping
from datetime import datetime

from crm.provider import Provider
from crm.sync import cursors
from crm.sync.store import SyncStore

MAX_BODY_BYTES = 4 * 1024 * 1024
"""A delivery holds one object and what it was before; the largest lead seen is far below that."""


class WebhookDoor:
    """Takes in one platform's deliveries."""

    def __init__(
        self,
        store: SyncStore,
        provider: Provider,
        now: Callable[[], datetime],
        arrived: Callable[[str], object] = lambda platform: None,
    ) -> None:
        """``arrived`` hears of a platform something is to be read at, once that is durable; it must not raise."""
        self._store = store
        self._provider = provider
        self._now = now
        self._arrived = arrived

    async def take(self, headers: Mapping[str, str], body: bytes) -> bool:
        """``headers`` with lower-case names. False: it concerns nothing here, or came before.

        Raises WebhookRefused, and StorageError when it could not be kept: the sender has to try again then.
        """
        now = self._now()
        change = self._provider.receive(headers, body, now.timestamp())
        if change is None:
            return False
        platform = self._provider.platform
        records = cursors.to_read([change])
        new = await self._store.inbox.receive(platform, (change.event_id, change.at), records, now=now)
        if new:
            self._arrived(platform)
        return new
