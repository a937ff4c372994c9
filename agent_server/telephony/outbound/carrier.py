"""What dialling needs of a carrier, whichever it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from agent_server.telephony.outbound.progress import News


class Made(Struct, frozen=True):
    """The carrier calls."""

    carrier_call_id: str


class NotMade(Struct, frozen=True):
    """The carrier surely makes no call. ``code`` is ours, ``message`` for people."""

    code: str
    message: str


class NotKnown(Struct, frozen=True):
    """It may or may not ring: never ask again."""

    why: str


Answer = Made | NotMade | NotKnown


class Carrier(Protocol):
    """``name``: as calls are kept with · ``account``: what the pace of dialling is kept by · ``calls_from``: our
    number · ``lists_ended``: whether ``dialled`` has calls that are over, too. Only ``dial`` raises nothing; the others
    CarrierError. ``call_id``: ours."""

    name: str
    account: str
    calls_from: str
    lists_ended: bool

    async def dial(self, number: str, *, call_id: str, base_url: str, longest_s: int) -> Answer:
        """Once."""

    async def hang_up(self, carrier_call_id: str) -> None:
        """Also while it rings."""

    async def leave_message(self, carrier_call_id: str, text: str, *, call_id: str, voice: str) -> None:
        """Say it, then hang up. ``voice``: the tag of its language."""

    async def news_of(self, carrier_call_id: str) -> News | None:
        """None: there is no such call."""

    async def dialled(self, number: str, since: datetime, until: datetime, *, call_id: str) -> Sequence[News]:
        """The calls made to a number from ours in that time, or those that were made for this call of ours."""

    async def aclose(self) -> None: ...


class CarrierError(Exception):
    """The carrier could not be asked, or refused. ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
