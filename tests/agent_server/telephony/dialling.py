"""Callers who dial a server through a simulated carrier."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

from api_server import ApiServer
from live_server import speech

from pipelines.audio.g711 import ulaw_encode
from pipelines.audio.resample import resampler
from simulators.telnyx.phone_call import TelnyxCall
from simulators.twilio.phone_call import PhoneCall

AUTH_TOKEN = "0123456789abcdef0123456789abcdef"
COLLEAGUE = "+14155550199"

C = TypeVar("C", PhoneCall, TelnyxCall)


class DialledCall(Generic[C]):
    """A call under way."""

    def __init__(self, call: C, task: asyncio.Task[None]) -> None:
        self.call = call
        self._task = task

    @property
    def heard_ms(self) -> float:
        """Of the agent's voice."""
        return self.call.handset.played_bytes / 8

    async def until(self, done: Callable[[], bool], timeout_s: float = 8.0) -> None:
        """Raises what the call failed with."""
        async with asyncio.timeout(timeout_s):
            while not done():
                if self._task.done():
                    self._task.result()
                    assert done(), "the call is over"
                await asyncio.sleep(0.02)

    async def over(self, timeout_s: float = 8.0) -> None:
        async with asyncio.timeout(timeout_s):
            await self._task


StartPhone = Callable[..., Coroutine[Any, Any, ApiServer]]
Dial = Callable[..., Coroutine[Any, Any, DialledCall[PhoneCall]]]


def telephone_audio(name: str = "utterance-finished") -> bytes:
    """A recording as a telephone carries it."""
    narrow = resampler(24_000, 8_000)
    return ulaw_encode(narrow.feed(speech(name)) + narrow.flush())


@asynccontextmanager
async def dialled(call: C, run: Coroutine[Any, Any, None]) -> AsyncIterator[DialledCall[C]]:
    """``run``: the call, from its beginning to its end."""
    task = asyncio.create_task(run)
    try:
        yield DialledCall(call, task)
    finally:
        call.hang_up()
        await asyncio.wait([task], timeout=2.0)
        task.cancel()
        await asyncio.wait([task])
