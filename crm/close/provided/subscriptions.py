"""Webhooks: what they bring, and the subscriptions they come by."""

from collections.abc import Mapping, Sequence

from crm.client import BACKGROUND, CallOptions
from crm.close import changes as feed
from crm.close import webhooks
from crm.close.provided.part import ClosePart
from crm.close.records import WebhookSubscription
from crm.contact import Change, NewSubscription, Subscription


class CloseWebhooks(ClosePart):
    def receive(self, headers: Mapping[str, str], body: bytes, *, keys: Sequence[str], now: float) -> Change | None:
        webhooks.verify(keys, headers, body, now)
        return feed.change(webhooks.delivered(body))

    async def subscriptions(self, options: CallOptions = BACKGROUND) -> tuple[Subscription, ...]:
        listed = await self.api.every(lambda _: webhooks.listing(), WebhookSubscription, options)
        return tuple(
            Subscription(entry.id, entry.url, entry.status == "active", webhooks.hears_enough(entry))
            for entry in listed
        )

    async def subscribe(self, url: str, options: CallOptions = BACKGROUND) -> NewSubscription:
        made = await self.api.one(webhooks.create(url), WebhookSubscription, options)
        if made.signature_key is None:
            raise self.api.client.dialect.misread("a new subscription with its signature key")
        return NewSubscription(made.id, made.signature_key)

    async def repair_subscription(self, subscription_id: str, options: CallOptions = BACKGROUND) -> None:
        await self.api.one(webhooks.repair(subscription_id), WebhookSubscription, options)

    async def unsubscribe(self, subscription_id: str, options: CallOptions = BACKGROUND) -> None:
        await self.api.remove(webhooks.delete(subscription_id), options)
