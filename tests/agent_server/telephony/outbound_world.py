"""A server that calls people through a simulated carrier."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api_server import ApiServer, error_of, serving, settings_for
from msgspec import Struct

from pipelines.conversation.rim.ports import Engines
from simulators.app import RunningSimulators, start
from simulators.config import parse_config
from simulators.telephone.streamed_call import StreamedCall
from simulators.telnyx.called import TelnyxPerson
from simulators.twilio.called import CalledPerson

FAST = ";".join(f"{name}.ring_ms=150;{name}.detection_ms=300" for name in ("twilio", "telnyx"))


def zone_where_it_is(hour: int) -> str:
    """By the clock on the wall now."""
    ahead = (hour - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


class World(Struct):
    server: ApiServer
    carrier: RunningSimulators

    async def lead(self, number: str, *, consent: str | None = "express_written", hour: int = 12, **fields: Any) -> str:
        """Its id; it is ``hour`` o'clock where it is."""
        body = {"contact_phone": number, "time_zone": zone_where_it_is(hour), **fields}
        async with self.server.operator.post("/api/leads", json=body) as answer:
            assert answer.status == 201, await answer.text()
            lead_id: str = (await answer.json())["id"]
        if consent is not None:
            await self.consent(lead_id, kind=consent)
        return lead_id

    async def consent(self, lead_id: str, **body: Any) -> None:
        body = {"source": "web form", **body}
        async with self.server.operator.put(f"/api/leads/{lead_id}/consent", json=body) as answer:
            assert answer.status == 200, await answer.text()

    async def call(self, key: str | None = None, **body: Any) -> dict[str, Any]:
        """The call."""
        headers = {"Idempotency-Key": key} if key else {}
        async with self.server.operator.post("/api/calls", json=body, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            made: dict[str, Any] = await answer.json()
            return made

    async def refusal(self, **body: Any) -> tuple[int, str, str]:
        """Status, code, message."""
        async with self.server.operator.post("/api/calls", json=body) as answer:
            error = await error_of(answer)
            return answer.status, error["code"], error["message"]

    async def get(self, path: str) -> dict[str, Any]:
        async with self.server.operator.get(path) as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, Any] = await answer.json()
            return found

    async def until_status(self, call: dict[str, Any], *statuses: str) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while (found := await self.get(f"/api/calls/{call['id']}"))["status"] not in statuses:
                await asyncio.sleep(0.02)
        return found

    @property
    def people(self) -> list[CalledPerson]:
        """Whom Twilio called."""
        return [*self.carrier.twilio.calls.values()]

    @property
    def telnyx_people(self) -> list[TelnyxPerson]:
        """Whom Telnyx called."""
        return [*self.carrier.telnyx.people.values()]

    @property
    def phones(self) -> dict[str, StreamedCall]:
        """By number, of everybody who was called, whoever carried it."""
        by_twilio = {person.form["To"]: person.phone for person in self.people}
        return {**by_twilio, **{person.asked["to"]: person for person in self.telnyx_people}}


@asynccontextmanager
async def world(
    dsn: str, tmp_path: Path, engines: Engines, *, by: str = "twilio", faults: str = "", **variables: str
) -> AsyncIterator[World]:
    carrier = await start(parse_config("{}", delays=FAST, faults=faults))
    theirs = {name: value for name, value in carrier.settings.items() if name.startswith(f"{by.upper()}_")}
    settings = settings_for(dsn, tmp_path / "data", **{**theirs, "CALLS_PER_SECOND": "20", **variables})
    async with carrier, serving(settings, engines, tmp_path / "not-built") as server:
        yield World(server, carrier)
