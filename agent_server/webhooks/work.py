"""Delivers what happens to the endpoints that want to hear of it: any number of processes together, each delivery in
the hands of one at a time.

A delivery is claimed in the database before it is sent, and settled afterwards. Whoever dies in between leaves a claim
that ends, and another process sends it again, under the same ``webhook-id``: nothing is lost, and a receiver may get
the same event twice. In what order events arrive is not promised; their ``timestamp`` tells.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from agent_server.background.regularly import regularly
from agent_server.background.working_when_told import LONGEST_S, working_when_told
from agent_server.settings import Settings
from agent_server.stores.encryption_key import encryption_keys
from agent_server.webhooks.addresses import Reach, reach_of
from agent_server.webhooks.deciding import Again, Answer, Delivered, GivenUp, decide, is_lost
from agent_server.webhooks.figures import ATTEMPT_SECONDS, ATTEMPTS, DISABLED
from agent_server.webhooks.payload import body_of, encoded, words_of
from agent_server.webhooks.secret_box import SecretBox
from agent_server.webhooks.sending import TIMEOUT_S, send
from agent_server.webhooks.signing import new_secret, signed_headers
from agent_server.webhooks.sweeping import WebhookSweep
from crm.vault import Vault, VaultError
from storage.errors import StorageError
from storage.keys.secret_tokens import new_id
from storage.postgres.database import Database
from storage.webhooks.deliveries import ClaimedDelivery, WebhookDeliveries, WebhookDelivery, settle_delivery
from storage.webhooks.endpoints import (
    DisabledReason,
    WebhookEndpoints,
    disable_endpoint,
    lock_endpoint,
    note_answer,
    note_failure,
    replace_secrets,
)

log = logging.getLogger(__name__)

CHANNEL: Final = "webhooks"
"""As the triggers of migration 0023_webhooks name it."""

MOST_ENDPOINTS: Final = 25
PER_ENDPOINT: Final = 4
"""Requests under way to one endpoint, of all processes together."""

AT_ONCE: Final = MOST_ENDPOINTS * PER_ENDPOINT
"""Of a process: room for all endpoints at once, so that one that is slow keeps no other waiting."""

MOST_WAITING: Final = 50_000
"""For one endpoint. It is disabled then, so that nothing more is written for it; what waits stays."""

LEASE_S: Final = TIMEOUT_S + 15.0
FINISH_S: Final = 1.5
"""How long requests under way may take when the process stops: what is cut off is sent twice."""

OLD_SECRET: Final = timedelta(hours=24)
TEST: Final = "webhook.test"
_SOONEST_S: Final = 0.2
_LOOK_FOR_FULL_S: Final = 120.0


class WebhookWork:
    """One for each process. ``endpoints`` and ``deliveries`` are where they are kept."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        reach: Reach,
        now: Callable[[], datetime],
        *,
        days: int,
        most_waiting: int = MOST_WAITING,
        timeout_s: float = TIMEOUT_S,
        lease_s: float = LEASE_S,
        finish_s: float = FINISH_S,
    ) -> None:
        self.endpoints = WebhookEndpoints(database)
        self.deliveries = WebhookDeliveries(database)
        self.box = SecretBox(vault)
        self.reach = reach
        self.sweep = WebhookSweep(self.endpoints, self.deliveries, self.box, days, now)
        self._database = database
        self._now = now
        self._most_waiting = most_waiting
        self._timeout_s = timeout_s
        self._lease_s = lease_s
        self._finish_s = finish_s
        self._under_way: set[asyncio.Task[None]] = set()
        self._wanted = asyncio.Event()

    def work(self) -> Mapping[str, Callable[[], Coroutine[Any, Any, None]]]:
        """What is to be kept going, by name."""
        return {"webhooks": self.keep, "queues of webhooks": self.watch_queues, "old webhooks": self.sweep.keep}

    async def keep(self) -> None:
        """Until cancelled; what is under way then, and does not end soon, is left to another process."""
        try:
            await working_when_told(self._database.line, CHANNEL, self._work, name="webhooks wait", wanted=self._wanted)
        finally:
            await self._end()

    async def watch_queues(self) -> None:
        """Until cancelled."""
        await regularly(_LOOK_FOR_FULL_S, self.disable_full, what="how many webhooks wait is not known now")

    async def disable_full(self) -> None:
        """Those for which too much waits. Raises StorageError."""
        for endpoint_id in await self.endpoints.disable_full(self._most_waiting):
            _tell_disabled(endpoint_id, "queue_full")

    async def _end(self) -> None:
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=self._finish_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def test(self, endpoint_id: str) -> WebhookDelivery | None:
        """Send it an event that says that it is a test, once; what became of it. None: there is no such endpoint."""
        delivery_id = new_id("whd")
        await self.deliveries.add(
            delivery_id,
            new_id("msg"),
            endpoint_id,
            TEST,
            {"message": "This is a test. Nothing has happened."},
            lease_s=self._lease_s,
            now=self._now(),
        )
        claimed = await self.deliveries.claim_one(delivery_id, lease_s=self._lease_s)
        if claimed is None:
            return None
        answer = await self._attempt(claimed)
        async with self._database.transaction() as transaction:
            await settle_delivery(
                transaction,
                claimed,
                "delivered" if answer.is_delivered else "given_up",
                again_s=0.0,
                answer_status=answer.status,
                answer=answer.text,
                error=answer.error,
                latency_ms=answer.latency_ms,
            )
        return await self.deliveries.get(endpoint_id, delivery_id)

    async def rotate(self, endpoint_id: str) -> tuple[str, datetime] | None:
        """A new secret, and until when the one before signs too. None: there is no such endpoint."""
        now, secret = self._now(), new_secret()
        async with self._database.transaction() as transaction:
            endpoint = await lock_endpoint(transaction, endpoint_id)
            if endpoint is None:
                return None
            await replace_secrets(
                transaction,
                endpoint_id,
                secret=self.box.seal(endpoint_id, secret),
                old_secret=endpoint.secret,
                old_secret_until=now + OLD_SECRET,
                now=now,
            )
        return secret, now + OLD_SECRET

    async def _work(self) -> float:
        """Begin what is due; returns after how many seconds to look again."""
        room = AT_ONCE - len(self._under_way)
        if room > 0:
            for claimed in await self.deliveries.claim(at_once=PER_ENDPOINT, rows=room, lease_s=self._lease_s):
                task = asyncio.create_task(self._deliver(claimed), name=f"webhook {claimed.id}")
                self._under_way.add(task)
                task.add_done_callback(self._done)
        wait_s = await self.deliveries.next_s(at_once=PER_ENDPOINT)
        return LONGEST_S if wait_s is None else min(LONGEST_S, max(_SOONEST_S, wait_s))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._wanted.set()

    async def _deliver(self, claimed: ClaimedDelivery) -> None:
        try:
            await self._settle(claimed, await self._attempt(claimed))
        except asyncio.CancelledError:
            await asyncio.shield(self._leave(claimed))
            raise
        except StorageError as error:
            log.warning("a webhook is sent again: what became of it is not written down: %s", error.code)
        except Exception:  # one that cannot be sent keeps none of the others waiting
            log.exception("a webhook broke, and is sent again")

    async def _leave(self, claimed: ClaimedDelivery) -> None:
        try:
            await self.deliveries.leave(claimed)
        except StorageError as error:
            log.warning("a webhook waits for the end of its time: %s", error.code)

    async def _attempt(self, claimed: ClaimedDelivery) -> Answer:
        """Raises StorageError."""
        try:
            keys = self.box.keys(claimed.endpoint_id, claimed.secret, claimed.old_secret)
        except VaultError:
            return Answer(error="secret_unreadable")
        data = claimed.data
        if claimed.include_words:
            data = data | await words_of(self.deliveries, claimed.type, claimed.conversation_id, claimed.subject)
        body = encoded(body_of(claimed.type, claimed.occurred_at, data))
        headers = signed_headers(claimed.event_id, body, keys, now=self._now())
        answer = await send(claimed.url, headers, body, self.reach, timeout_s=self._timeout_s)
        ATTEMPT_SECONDS.observe(answer.latency_ms / 1000)
        return answer

    async def _settle(self, claimed: ClaimedDelivery, answer: Answer) -> None:
        now = self._now()
        decision = decide(claimed.attempts, answer, now=now, jitter=random.random())  # noqa: S311 - spreads, hides nothing
        async with self._database.transaction() as transaction:
            settled = await settle_delivery(
                transaction,
                claimed,
                _STATUS[type(decision)],
                again_s=(decision.at - now).total_seconds() if isinstance(decision, Again) else 0.0,
                answer_status=answer.status,
                answer=answer.text,
                error=answer.error,
                latency_ms=answer.latency_ms,
            )
            if not settled:
                return
            disabled: DisabledReason | None = None
            if isinstance(decision, Delivered):
                await note_answer(transaction, claimed.endpoint_id)
            else:
                hold_until = decision.hold_until if isinstance(decision, Again) else None
                hold_s = (hold_until - now).total_seconds() if hold_until is not None else 0.0
                failing_s = await note_failure(transaction, claimed.endpoint_id, hold_s=hold_s)
                if isinstance(decision, GivenUp) and decision.gone:
                    disabled = "gone"
                elif is_lost(timedelta(seconds=failing_s)):
                    disabled = "failing"
            if disabled is not None and not await disable_endpoint(transaction, claimed.endpoint_id, disabled):
                disabled = None
        ATTEMPTS.labels("gone" if disabled == "gone" else _OUTCOME[type(decision)]).inc()
        if disabled is not None:
            _tell_disabled(claimed.endpoint_id, disabled)


_STATUS: Final[dict[type, Any]] = {Delivered: "delivered", Again: "waiting", GivenUp: "given_up"}
_OUTCOME: Final = {Delivered: "delivered", Again: "again", GivenUp: "given_up"}


def _tell_disabled(endpoint_id: str, reason: DisabledReason) -> None:
    DISABLED.labels(reason).inc()
    log.warning("a webhook endpoint is disabled (%s)", reason, extra={"fields": {"endpoint": endpoint_id}})


def webhook_work(settings: Settings, database: Database, now: Callable[[], datetime]) -> WebhookWork:
    """Raises OSError when no encryption key can be had."""
    vault = Vault.from_setting(encryption_keys(settings.process))
    return WebhookWork(database, vault, reach_of(settings), now, days=settings.webhooks.days)
