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
from agent_server.cli.showing.phone_visit import Voices, call_in
from agent_server.cli.showing.typed_visit import IN_A_HURRY, Pace, type_through

_FOUND_AMONG: Final = "20"
_WAITING_LOOK_S: Final = 3.0


class Street:
    """``aclose`` ends every conversation. ``token``: the carrier's."""

    def __init__(self, doors: Doors, token: str, voices: Voices) -> None:
        self._doors = doors
        self._token = token
        self._voices = voices
        self._talking: dict[asyncio.Task[None], Visit] = {}
        self._told_waiting: set[str] = set()

    @property
    def busy(self) -> set[str]:
        return {visit.name for visit in self._talking.values()}

    async def open(self, visits: Sequence[Visit]) -> int:
        """The day's beginning: those who type are quick, and waited for; those who telephone or wait for somebody go
        on meanwhile. How many there are of both."""
        typed = [visit for visit in visits if visit.door != "phone" and not any(line.stays_s for line in visit.lines)]
        await asyncio.gather(*(self._talk(visit, IN_A_HURRY, tells=False) for visit in typed))
        for visit in visits:
            if visit not in typed:
                self.send(visit, Pace())
        return len(typed)

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
        try:
            found = await (self._phone(visit) if visit.door == "phone" else self._type(visit, pace))
            what = news.became(found)
        except (ConnectError, CommandError) as error:
            what = str(error)
        if tells:
            news.say(news.ended(visit, datetime.now().astimezone(), what))

    async def _type(self, visit: Visit, pace: Pace) -> Any:
        conversation_id = await type_through(self._doors.url, self._doors.key, visit, pace)
        return await self._doors.get(f"/api/conversations/{conversation_id}") if conversation_id is not None else None

    async def _phone(self, visit: Visit) -> Any:
        if not await call_in(self._doors.url, self._token, visit, self._voices):
            return None
        page = await self._doors.get("/api/conversations", channel="phone", limit=_FOUND_AMONG)
        found = next((row["id"] for row in page["items"] if row["contact_name"] == visit.name), None)
        return await self._doors.get(f"/api/conversations/{found}") if found is not None else None

    def _tell_waiting(self, one: Any) -> None:
        if one["id"] in self._told_waiting:
            return
        self._told_waiting.add(one["id"])
        address = f"{self._doors.url}/#/conversations/{one['id']}"
        news.say(news.waits(one["name"] or "Somebody", address, datetime.now().astimezone()))


def seed_of(day: int) -> int:
    """The first day is the same everywhere; later ones differ."""
    return day if day < 2 else random.SystemRandom().randrange(2**32)
