import asyncio

import pytest

from pipelines.eager import begin


async def test_what_does_not_wait_is_done_at_once():
    done = []

    async def work():
        done.append(1)

    assert begin(work()) is None
    assert done == [1]


async def test_the_rest_is_awaited():
    gate = asyncio.get_running_loop().create_future()
    steps = []

    async def work():
        steps.append("begun")
        await gate
        await asyncio.sleep(0)
        steps.append("done")

    rest = begin(work())
    assert rest is not None and steps == ["begun"]
    asyncio.get_running_loop().call_soon(gate.set_result, None)
    await rest
    assert steps == ["begun", "done"]


async def test_errors_come_through_before_and_after_the_wait():
    async def breaks():
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        begin(breaks())

    async def breaks_late():
        await asyncio.sleep(0)
        raise ConnectionResetError

    rest = begin(breaks_late())
    assert rest is not None
    with pytest.raises(ConnectionResetError):
        await rest


async def test_a_cancelled_rest_cleans_up():
    cleaned = []

    async def work():
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            cleaned.append(1)

    rest = begin(work())
    assert rest is not None
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await rest
    assert cleaned == [1]
