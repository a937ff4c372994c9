"""The demo's database with the weeks before its day, held until the server has it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from agent_server.cli.showing.crowd import Crowd
from agent_server.cli.showing.filling import AGENT
from agent_server.cli.showing.past.weeks import Past, Weeks
from agent_server.cli.showing.past.writing import write
from agent_server.cli.showing.server import LOG_FILE
from agent_server.meetings.calendar_zone import calendar_zone
from agent_server.settings import CalendarSettings, ProcessSettings
from storage.agents.profiles import ProfileFacts
from storage.postgres.embedded import EmbeddedPostgres
from storage.postgres.migrate import migrate

_SEED: Final = 1


@asynccontextmanager
async def with_past(data_dir: Path, crowd: Crowd) -> AsyncIterator[Past]:
    """What is worth a line of the log goes to the server's, not between those on the screen. Raises StorageError."""
    zone = calendar_zone(CalendarSettings())
    now = datetime.now(zone)
    made = asyncio.create_task(
        asyncio.to_thread(lambda: Weeks(now, ProfileFacts(**AGENT), crowd, _SEED).past()), name="the past"
    )
    told = logging.FileHandler(data_dir / LOG_FILE)
    logging.getLogger().addHandler(told)
    try:
        async with EmbeddedPostgres(ProcessSettings(data_dir=data_dir).embedded_database) as embedded:
            await migrate(embedded.dsn)
            past = await made
            await write(past, embedded.dsn, data_dir, now=now, time_zone=zone.key)
            yield past
    finally:
        made.cancel()
        logging.getLogger().removeHandler(told)
        told.close()
