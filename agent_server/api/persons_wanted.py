"""Live conversations in which somebody waits for a person."""

from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from agent_server.api.endpoint import Call, Resource
from storage.conversations.persons_wanted import persons_wanted
from storage.conversations.records import Channel

wanted = Resource("supervision", "")

LOOKED_BACK: Final = timedelta(minutes=15)
MOST: Final = 50


class PersonWanted(Struct, frozen=True, kw_only=True):
    """`id`: of the conversation. `since`: when a person was asked for. `reason`: as the agent noted it."""

    id: str
    channel: Channel
    since: datetime
    reason: str | None
    name: str | None
    company: str | None


class PersonsWanted(Struct, frozen=True):
    """The longest wait first, at most 50."""

    items: list[PersonWanted]


@wanted.get("/api/supervision/waiting", scope="supervise", summary="Who waits for a person")
async def list_persons_wanted(call: Call) -> PersonsWanted:
    """In conversations that are open, since a quarter of an hour at most, until somebody takes them over. Whoever asks
    is taken to be there: visitors are given `PERSON_WAIT_SECONDS` for somebody to come, where nobody asks, some
    seconds."""
    services = call.services
    await services.supervision.attendance.seen()
    found = await persons_wanted(services.database, after=services.utc_now() - LOOKED_BACK, rows=MOST)
    return PersonsWanted([msgspec.convert(one, PersonWanted, from_attributes=True) for one in found])
