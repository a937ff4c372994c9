"""Settings of what is kept of people, and for how long."""

from typing import Annotated, Literal

from msgspec import Meta

from agent_server.settings.field import Group, setting


class PrivacySettings(Group, frozen=True, kw_only=True):
    erase_in_crm: Annotated[
        Literal["delete", "keep"],
        setting(
            "ERASE_IN_CRM",
            "Whether who is erased goes at the CRM too; keep: their record stays there, and no sync looks at it again",
        ),
    ] = "delete"
    conversation_days: Annotated[
        Annotated[int, Meta(ge=1, le=36_500)] | None,
        setting(
            "CONVERSATION_DAYS",
            "After how many days the words of a conversation go, figures stay; unset: never; recommended: 90",
        ),
    ] = None
