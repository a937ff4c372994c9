"""The one door of a worker answers as the server's do."""

import logging
from typing import cast

import aiohttp
import pytest
from api_server import error_of

from agent_server.crm_sync.parts import CrmParts
from agent_server.crm_sync.worker_metrics import worker_metrics
from agent_server.settings import ProcessSettings
from storage.postgres.database import open_database


async def test_a_database_that_is_away_is_told_by_its_code(dsn: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    database = await open_database(dsn)
    await database.aclose()
    settings = ProcessSettings(host="0.0.0.0", worker_metrics_port=0)
    async with worker_metrics(settings, database, cast(CrmParts, None)), aiohttp.ClientSession() as session:
        (line,) = [record.getMessage() for record in caplog.records if "figures at" in record.getMessage()]
        url = line.rpartition(" ")[2].replace("0.0.0.0", "127.0.0.1")
        async with session.get(url, headers={"Authorization": "Bearer sk_sales_any"}) as answer:
            assert (answer.status, (await error_of(answer))["code"]) == (503, "database_unavailable")
            assert answer.headers["Retry-After"] == "2"
