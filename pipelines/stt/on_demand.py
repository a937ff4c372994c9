"""A recogniser that is started when it is first wanted: the embedded one behind a recogniser in the cloud."""

import asyncio
from collections.abc import Awaitable, Callable

from pipelines.stt.port import SpeechToText, SttOptions, SttStream


class OnDemandRecognizer:
    """Stands for a recogniser whose properties are known before it is started; not one that detects turns."""

    def __init__(
        self,
        start: Callable[[], Awaitable[SpeechToText]],
        *,
        name: str,
        sample_rate: int,
        continuous: bool,
        guesses: bool,
    ) -> None:
        self._start = start
        self._name = name
        self._sample_rate = sample_rate
        self._continuous = continuous
        self._guesses = guesses
        self._starting = asyncio.Lock()
        self._started: SpeechToText | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def sample_rate(self) -> int:
        return self._sample_rate

    @property
    def continuous(self) -> bool:
        return self._continuous

    @property
    def detects_turns(self) -> bool:
        return False

    @property
    def guesses(self) -> bool:
        return self._guesses

    @property
    def healthy(self) -> bool:
        return self._started is None or bool(getattr(self._started, "healthy", True))

    async def open(self, options: SttOptions) -> SttStream:
        """Raises SttError, also when it cannot be started."""
        async with self._starting:
            if self._started is None:
                self._started = await self._start()
        return await self._started.open(options)

    async def aclose(self) -> None:
        if self._started is not None:
            await self._started.aclose()
