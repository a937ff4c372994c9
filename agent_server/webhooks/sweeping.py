"""Forgets what was sent long ago, every night, and encrypts secrets anew once there is a newer key."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from agent_server.background.regularly import nightly
from agent_server.webhooks.secret_box import SecretBox
from crm.vault import VaultError
from storage.webhooks.deliveries import WebhookDeliveries
from storage.webhooks.endpoints import WebhookEndpoints

log = logging.getLogger(__name__)

BATCH: Final = 1000
PAUSE_S: Final = 0.05
_HOURS_KEPT: Final = timedelta(days=7)


class WebhookSweep:
    """Right to run in any number of processes."""

    def __init__(
        self,
        endpoints: WebhookEndpoints,
        deliveries: WebhookDeliveries,
        box: SecretBox,
        days: int,
        now: Callable[[], datetime],
    ) -> None:
        self._endpoints = endpoints
        self._deliveries = deliveries
        self._box = box
        self._days = days
        self._now = now

    async def keep(self) -> None:
        """At the start, and every night, until cancelled."""
        await nightly(self.sweep, self._now, what="old webhooks stay")

    async def sweep(self) -> int:
        """Returns how many deliveries went. Raises StorageError."""
        await self._renew_secrets()
        now, swept = self._now(), 0
        while gone := await self._deliveries.forget(now - timedelta(days=self._days), rows=BATCH):
            swept += gone
            await asyncio.sleep(PAUSE_S)
        await self._endpoints.forget_hours(now - _HOURS_KEPT)
        if swept:
            log.info("old webhooks are forgotten", extra={"fields": {"deliveries": swept}})
        return swept

    async def _renew_secrets(self) -> None:
        """So that an older ENCRYPTION_KEY can be dropped."""
        try:
            for endpoint in await self._endpoints.all():
                secret = self._box.renewed(endpoint.secret)
                old = self._box.renewed(endpoint.old_secret) if endpoint.old_secret is not None else None
                if secret is not None or old is not None:
                    await self._endpoints.reseal(endpoint, secret or endpoint.secret, old or endpoint.old_secret)
        except VaultError as error:
            log.warning("secrets of webhooks cannot be read: %s", error.code)
