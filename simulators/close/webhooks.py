"""Delivers events to subscribers as Close does: signed, retried, in no order, sometimes twice, sometimes never."""

import asyncio
import hashlib
import heapq
import hmac
import itertools
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from random import Random
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from simulators.close.options import CloseOptions
from simulators.rest import Refused

_MOST_WAITING = 100_000
"""At this bound Close clears the queue and pauses the subscription."""
_DELIVERY_TIMEOUT_S = 10.0


class Subscription(msgspec.Struct):
    id: str
    url: str
    events: list[dict[str, Any]]
    signature_key: str
    status: str = "active"


class Delivery(msgspec.Struct):
    subscription: Subscription
    event: dict[str, Any]
    due: float
    first_due: float
    failures: int = 0


class Webhooks:
    """``clock`` is seconds since the epoch. ``running`` delivers what is due all the time; ``deliver_due`` once."""

    def __init__(self, options: Callable[[], CloseOptions], clock: Callable[[], float], random: Random) -> None:
        self._options = options
        self._clock = clock
        self._random = random
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, Delivery]] = []
        self._more = asyncio.Event()
        self.subscriptions: dict[str, Subscription] = {}
        self.delivered: list[str] = []
        """Ids of events that a subscriber took with a 2xx."""

    def subscribe(self, subscription_id: str, body: dict[str, Any]) -> Subscription:
        """Raises Refused."""
        if not str(body.get("url", "")).startswith("http") or not isinstance(body.get("events"), list):
            raise Refused(400, {"errors": [], "field-errors": {"url": "This field is required."}})
        key = self._random.randbytes(32).hex()
        made = Subscription(subscription_id, body["url"], body["events"], key)
        self.subscriptions[subscription_id] = made
        return made

    def publish(self, event: dict[str, Any]) -> None:
        """Queue an event for everybody who asked for it; an update that joined a waiting event replaces it."""
        switches, now = self._options().webhooks, self._clock()
        for subscription in self.subscriptions.values():
            if subscription.status != "active" or not _wanted(subscription, event):
                continue
            waiting = self._waiting_for(subscription, event["id"])
            if waiting is not None:
                waiting.event = deepcopy(event)
                continue
            if self._random.random() < switches.lose:
                continue
            copies = 2 if self._random.random() < switches.duplicate else 1
            held_s = switches.delay_s if event["action"] != "created" else 0.0
            for _ in range(copies):
                late_s = self._random.uniform(0, 5) if self._random.random() < switches.reorder else 0.0
                due = now + held_s + late_s
                self._put(Delivery(subscription, deepcopy(event), due, due))

    async def deliver_due(self, session: aiohttp.ClientSession) -> int:
        """Try everything that is due now; returns how many tries that were."""
        tries = 0
        while self._waiting and self._waiting[0][0] <= self._clock():
            delivery = heapq.heappop(self._waiting)[2]
            if delivery.subscription.status == "active":
                tries += 1
                await self._try(session, delivery)
        return tries

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """For an application's ``cleanup_ctx``: deliver while it runs."""
        async with aiohttp.ClientSession() as session:
            task = asyncio.create_task(self._deliver_always(session), name="close-webhooks")
            yield
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _deliver_always(self, session: aiohttp.ClientSession) -> None:
        while True:
            await self.deliver_due(session)
            self._more.clear()
            wait_s = min(1.0, self._waiting[0][0] - self._clock()) if self._waiting else None
            try:
                async with asyncio.timeout(None if wait_s is None else max(0.01, wait_s)):
                    await self._more.wait()
            except TimeoutError:
                continue

    async def _try(self, session: aiohttp.ClientSession, delivery: Delivery) -> None:
        subscription = delivery.subscription
        body = msgspec.json.encode({"subscription_id": subscription.id, "event": delivery.event})
        timeout = aiohttp.ClientTimeout(total=_DELIVERY_TIMEOUT_S)
        headers = self._signed(subscription, body) | {"content-type": "application/json"}
        try:
            async with session.post(subscription.url, data=body, headers=headers, timeout=timeout) as answer:
                taken = 200 <= answer.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError):
            taken = False
        if taken:
            self.delivered.append(delivery.event["id"])
        else:
            self._postpone(delivery)

    def _postpone(self, delivery: Delivery) -> None:
        switches, now = self._options().webhooks, self._clock()
        delivery.failures += 1
        if now - delivery.first_due > switches.give_up_s:
            delivery.subscription.status = "paused"
            return
        delivery.due = now + min(switches.retry_cap_s, switches.retry_base_s * 2.0 ** (delivery.failures - 1))
        self._put(delivery)

    def _put(self, delivery: Delivery) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            self._waiting.clear()
            delivery.subscription.status = "paused"
            return
        heapq.heappush(self._waiting, (delivery.due, next(self._order), delivery))
        self._more.set()

    def _waiting_for(self, subscription: Subscription, event_id: str) -> Delivery | None:
        found = (d for _, _, d in self._waiting if d.event["id"] == event_id and d.subscription is subscription)
        return next(found, None)

    def _signed(self, subscription: Subscription, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock() + self._options().clock_skew_s))
        key = bytes.fromhex(subscription.signature_key)
        digest = hmac.new(key, timestamp.encode() + body, hashlib.sha256).hexdigest()
        return {"close-sig-hash": digest, "close-sig-timestamp": timestamp}


def _wanted(subscription: Subscription, event: dict[str, Any]) -> bool:
    return any(
        (asked["object_type"], asked["action"]) == (event["object_type"], event["action"])
        for asked in subscription.events
    )
