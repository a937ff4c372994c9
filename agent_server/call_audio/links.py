"""Links to recordings that open without a key, until they expire. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from agent_server.web import sealed_text

CONSOLE_LINK: Final = timedelta(hours=6)
"""A page of the console may stay open that long."""

_PURPOSE: Final = b"recording link"
PATH: Final = "/api/recordings/audio"


class Link(Struct, frozen=True, array_like=True):
    """``recording_id`` None: the conversation's last. ``expires_s``: seconds since 1970."""

    conversation_id: str
    recording_id: str | None
    expires_s: int


def link_path(conversation_id: str, recording_id: str | None, expires_at: datetime, secret: str) -> str:
    link = Link(conversation_id, recording_id, int(expires_at.timestamp()))
    return f"{PATH}?key={sealed_text.sealed(link, secret, _PURPOSE)}"


def opened_link(key: str, secrets: Sequence[str], now: datetime) -> Link | None:
    """None: it is not ours, or too old."""
    for secret in secrets:
        link = sealed_text.opened(key, Link, secret, _PURPOSE)
        if link is not None and now.timestamp() < link.expires_s:
            return link
    return None
