"""Everybody who talks with the agent now, each a task of its own; what comes of it is told."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from agent_server.cli.calling.connection import ConnectError
from agent_server.cli.outcome import CommandError
from agent_server.cli.showing import news
from agent_server.cli.showing.cast import Visit
from agent_server.cli.showing.choosing import MOST_AT_ONCE, Coming
from agent_server.cli.showing.doors import Doors
from agent_server.cli.showing.phone_visit import call_in
from agent_server.cli.showing.typed_visit import IN_A_HURRY, Pace, type_through
from agent_server.cli.showing.voices import record
from simulators.audio.said_now import SaidNow

_FOUND_AMONG: Final = "20"
_WAITING_LOOK_S: Final = 3.0

_TRIES: Final = 3
_AGAIN_S: Final = 5.0
"""Whoever is not let in, since the machine is busy, comes again so much later."""


class Street:
    """``aclose`` ends every conversation. ``token``: the carrier's; ``ears``: the recogniser's."""

    def __init__(self, doors: Doors, token: str, ears: SaidNow) -> None:
        self._ears = ears
        self._doors = doors
        self._token = token
        self._talking: dict[asyncio.Task[None], Visit] = {}
        self._told_waiting: set[str] = set()
        self._names: dict[str, str] = {}
        """Of those who type and have not said them, by conversation."""

    @property
    def busy(self) -> set[str]:
        return {visit.name for visit in self._talking.values()}

    async def open(self, visits: Sequence[Visit]) -> int:
        """Those of the day's beginning who type are quick, and over when this returns: how many they are."""
        quick = [visit for visit in visits if not _takes_time(visit)]
        await asyncio.gather(*(self._talk(visit, IN_A_HURRY, tells=False) for visit in quick))
        return len(quick)

    def let_in(self, visits: Sequence[Visit]) -> None:
        """The others of the day's beginning."""
        for visit in filter(_takes_time, visits):
            self.send(visit, Pace())

    def send(self, visit: Visit, pace: Pace) -> None:
        task = asyncio.create_task(self._talk(visit, pace), name=visit.id)
        self._talking[task] = visit
        task.add_done_callback(self._left)

    async def keep_coming(self, coming: Coming) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(coming.pause_s())
            if len(self._talking) < MOST_AT_ONCE and (visit := coming.next(self.busy)) is not None:
                self.send(visit, Pace())

    async def tell_who_waits(self) -> None:
        """For ever. Whoever reads it here is somebody who may come, so the agent lets people wait for one."""
        while True:
            with suppress(CommandError):  # the server is busy, or about to end
                for one in (await self._doors.get("/api/supervision/waiting"))["items"]:
                    self._tell_waiting(one)
            await asyncio.sleep(_WAITING_LOOK_S)

    async def aclose(self) -> None:
        tasks = list(self._talking)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _left(self, task: asyncio.Task[None]) -> None:
        self._talking.pop(task, None)
        if not task.cancelled():
            task.exception()  # has been told

    async def _talk(self, visit: Visit, pace: Pace, *, tells: bool = True) -> None:
        if tells:
            news.say(news.began(visit, datetime.now().astimezone()))
        for tries_left in reversed(range(_TRIES)):
            try:
                found = await (self._phone(visit) if visit.door == "phone" else self._type(visit, pace))
                what = news.became(found)
            except (ConnectError, CommandError) as error:
                found, what = None, str(error)
            if found is not None or not tries_left:
                break
            await asyncio.sleep(_AGAIN_S)
        if tells:
            news.say(news.ended(visit, datetime.now().astimezone(), what))

    async def _type(self, visit: Visit, pace: Pace) -> Any:
        def began(conversation_id: str) -> None:
            self._names[conversation_id] = visit.name

        found = await type_through(self._doors.url, self._doors.key, visit, pace, began)
        if found is None:
            return None
        self._names.pop(found, None)
        return await self._doors.get(f"/api/conversations/{found}")

    async def _phone(self, visit: Visit) -> Any:
        voices = await record(self._doors, visit.spoken())
        if not await call_in(self._doors.url, self._token, visit, voices, self._ears):
            return None
        page = await self._doors.get("/api/conversations", channel="phone", limit=_FOUND_AMONG)
        calls = (row for row in page["items"] if row["metadata"].get("calls_from") == visit.number)
        found = next((row["id"] for row in calls), None)
        return await self._doors.get(f"/api/conversations/{found}") if found is not None else None

    def _tell_waiting(self, one: Any) -> None:
        if one["id"] in self._told_waiting:
            return
        self._told_waiting.add(one["id"])
        address = f"{self._doors.url}/#/conversations/{one['id']}"
        name = one["name"] or self._names.get(one["id"], "Somebody")
        news.say(news.waits(name, address, datetime.now().astimezone()))


def _takes_time(visit: Visit) -> bool:
    return visit.door == "phone" or any(line.stays_s for line in visit.lines)


def seed_of(day: int) -> int:
    """The first day is the same everywhere; later ones differ."""
    return day if day < 2 else random.SystemRandom().randrange(2**32)
