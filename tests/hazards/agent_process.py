"""What runs in a process of its own, for tests that kill it."""

import asyncio
import os
import signal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from pipelines.agents.checkpoints.postgres import PostgresCheckpoints
from pipelines.agents.events import AgentEvent
from pipelines.agents.parts import AgentParts
from pipelines.agents.requests import Asked
from pipelines.agents.service import Agents
from pipelines.calendar.port import Booking, BookingRequest, IfBooked, Slot
from storage.agents.runs import AgentRuns
from storage.meetings.records import Claimant
from storage.postgres.database import open_database

NOW = datetime(2026, 12, 7, 12, tzinfo=UTC)
LEASE_S = 0.5


class FileCalendar:
    """Bookings as lines of a file, so that they outlive the process: one line an effect."""

    def __init__(self, path: Path, *, kill_after_effect: bool) -> None:
        self._path = path
        self._kill = kill_after_effect

    async def free_slots(
        self, *, earliest: datetime, latest: datetime, duration_minutes: int = 30, limit: int = 20
    ) -> Sequence[Slot]:
        starts = [NOW.replace(hour=10) + timedelta(days=day) for day in range(1, 6)]
        return [Slot(start, start + timedelta(minutes=duration_minutes)) for start in starts]

    async def coming(self, _claimant: Claimant) -> None:
        """Whose these are is not in the file."""

    async def book(self, request: BookingRequest, *, idempotency_key: str, if_booked: IfBooked = "add") -> Booking:
        known = self._path.read_text().splitlines() if self._path.exists() else []
        if idempotency_key not in known:
            with self._path.open("a") as file:
                file.write(idempotency_key + "\n")
        if self._kill:
            os.kill(os.getpid(), signal.SIGKILL)
        slot = Slot(request.start, request.start + timedelta(minutes=request.duration_minutes))
        return Booking(id=idempotency_key, uid=idempotency_key, slot=slot, status="booked", request=request)

    async def cancel(self, booking_id: str) -> Booking:
        raise NotImplementedError


class Orders(Struct, frozen=True, kw_only=True):
    """``told``: a file to which each event is written as a line, the reply last · ``asked``: the run ·
    ``kill_at``: the name of a node, before which the process kills itself; ``effect``: after the effect of the booking,
    before anything of it is kept."""

    dsn: str
    calendar: Path
    told: Path
    asked: Asked
    kill_at: str


def obey(orders: Orders) -> None:
    asyncio.run(_run(orders))


async def _run(orders: Orders) -> None:
    kill_at = orders.kill_at

    def emit(event: AgentEvent) -> None:
        with orders.told.open("ab") as told:
            told.write(msgspec.json.encode(event) + b"\n")
        if event.kind == "node_started" and event.data["node"] == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    calendar = FileCalendar(orders.calendar, kill_after_effect=kill_at == "effect")
    checkpoints = PostgresCheckpoints(orders.dsn)
    async with await open_database(orders.dsn, max_connections=2) as database:
        parts = AgentParts(calendar=calendar, now=lambda: NOW)
        agents = Agents(parts, AgentRuns(database, lease_s=LEASE_S), checkpoints.open)
        await agents.run(orders.asked, emit)
    await checkpoints.aclose()
