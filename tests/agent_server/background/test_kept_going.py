import asyncio
from contextlib import suppress

import pytest
from prometheus_client import REGISTRY

from agent_server.background.kept_going import kept_going
from pipelines.engines.restarts import RestartRules

_SOON = RestartRules(first_delay_s=0.001, longest_delay_s=0.002)


def _breaks(name: str) -> float:
    return REGISTRY.get_sample_value("sales_agent_background_breaks_total", {"work": name}) or 0.0


async def test_what_breaks_is_told_counted_and_begun_again(caplog: pytest.LogCaptureFixture) -> None:
    begun = 0
    goes_on = asyncio.Event()

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun <= 3:
            raise LookupError("nobody has thought of it")
        goes_on.set()
        await asyncio.Event().wait()

    before = _breaks("some work")
    task = asyncio.create_task(kept_going("some work", work, _SOON))
    async with asyncio.timeout(5):
        await goes_on.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    assert (begun, _breaks("some work") - before) == (4, 3)
    told = [record for record in caplog.records if "some work broke" in record.message]
    assert len(told) == 3
    assert all(record.exc_info for record in told)


async def test_what_ends_by_itself_is_not_begun_again() -> None:
    begun = 0

    async def work() -> None:
        nonlocal begun
        begun += 1

    async with asyncio.timeout(5):
        await kept_going("work that ends", work, _SOON)

    assert begun == 1
