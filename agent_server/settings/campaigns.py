"""Settings of campaigns: who sends them, from where, and how fast."""

from typing import Annotated

from msgspec import Meta

from agent_server.settings.field import Group, setting

Sender = Annotated[
    str,
    Meta(
        pattern=r"^$|^[^@<>\s]+@[^@<>\s]+$|^[^<>@\r\n]+<[^@<>\s]+@[^@<>\s]+>$",
        max_length=300,
        extra={"allowed": "an address such as Ann Smith <ann@example.com>"},
    ),
]


class CampaignSettings(Group, frozen=True, kw_only=True):
    postal_address: Annotated[
        Annotated[str, Meta(max_length=300)],
        setting(
            "CAMPAIGN_POSTAL_ADDRESS",
            "Postal address under every message of a campaign, as the law wants it; without it none goes out",
        ),
    ] = ""
    sender: Annotated[
        Sender,
        setting(
            "CAMPAIGN_SENDER",
            "Who sends campaigns that the CRM sends, such as Ann Smith <ann@example.com>: an address connected there",
        ),
    ] = ""
    messages_per_hour: Annotated[
        Annotated[int, Meta(ge=1, le=3600)],
        setting("CAMPAIGN_MESSAGES_PER_HOUR", "Messages of all campaigns that go out in an hour, evenly spread"),
    ] = 60
    hours: Annotated[
        str,
        setting("CAMPAIGN_HOURS", "When messages go out, by their recipients' clocks, as CALENDAR_HOURS has it"),
    ] = "mon-fri 09:00-17:00"
