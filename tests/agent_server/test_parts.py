"""Parts are stopped in reverse order, whatever each of them does."""

import asyncio
import logging

import pytest

from agent_server.parts import Parts


async def started(value: str) -> str:
    return value


async def test_the_last_started_is_stopped_first() -> None:
    stopped: list[str] = []
    parts = Parts()

    async def stop(part: str) -> None:
        stopped.append(part)

    for name in ("a", "b", "c"):
        assert await parts.start(name, lambda name=name: started(name), stop) == name  # type: ignore[misc]
    await parts.stop_all()
    await parts.stop_all()
    assert stopped == ["c", "b", "a"]
    assert set(parts.seconds) == {"a", "b", "c"}


async def test_one_that_fails_or_hangs_keeps_no_other_from_stopping(caplog: pytest.LogCaptureFixture) -> None:
    stopped: list[str] = []
    parts = Parts()

    async def stop(part: str) -> None:
        stopped.append(part)

    async def hang(_: str) -> None:
        await asyncio.Event().wait()

    async def fail(_: str) -> None:
        raise RuntimeError("private")

    await parts.start("first", lambda: started("first"), stop)
    await parts.start("hanging", lambda: started("x"), hang, stop_timeout_s=0.01)
    await parts.start("failing", lambda: started("x"), fail)
    with caplog.at_level(logging.ERROR):
        await parts.stop_all()
    assert stopped == ["first"]
    assert "hanging did not stop properly: TimeoutError" in caplog.text
    assert "failing did not stop properly: RuntimeError" in caplog.text
    assert "private" not in caplog.text


async def test_a_part_that_does_not_start_is_not_stopped() -> None:
    parts = Parts()

    async def fail() -> str:
        raise ConnectionRefusedError

    async def stop(_: str) -> None:
        raise AssertionError

    with pytest.raises(ConnectionRefusedError):
        await parts.start("x", fail, stop)
    await parts.stop_all()
