"""Settings of webhooks: where they may go, and for how long it is known what was told."""

from typing import Annotated

from msgspec import Meta

from agent_server.settings.field import Group, setting


class WebhookSettings(Group, frozen=True, kw_only=True):
    days: Annotated[
        Annotated[int, Meta(ge=1, le=365)],
        setting("WEBHOOK_DAYS", "After how many days what was sent by webhooks is forgotten"),
    ] = 14
    private_addresses: Annotated[
        bool,
        setting(
            "WEBHOOK_PRIVATE_ADDRESSES",
            "Whether webhooks may go to private networks and this machine, by HTTP too; else by HTTPS to the world",
        ),
    ] = False
