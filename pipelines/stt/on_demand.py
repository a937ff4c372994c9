"""A recogniser that is started when it is first wanted, or after a while beside the calls: the embedded one behind a
recogniser in the cloud."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from pipelines.stt.port import SpeechToText, SttError, SttOptions, SttStream

log = logging.getLogger(__name__)


class OnDemandRecognizer:
    """Stands for a recogniser whose properties are known before it is started; not one that detects turns."""

    def __init__(
        self,
        start: Callable[[], Awaitable[SpeechToText]],
        *,
        name: str,
        sample_rate: int,
        languages: frozenset[str],
        continuous: bool,
        guesses: bool,
        warm_after_s: float | None = None,
    ) -> None:
        """``warm_after_s``: it is started by then though nobody wants it yet, so that the first call that does is not
        kept waiting. None: not before it is wanted."""
        self._start = start
        self._name = name
        self._sample_rate = sample_rate
        self._languages = languages
        self._continuous = continuous
        self._guesses = guesses
        self._starting = asyncio.Lock()
        self._started: SpeechToText | None = None
        self._warming = None if warm_after_s is None else asyncio.create_task(self._warm(warm_after_s))

    @property
    def name(self) -> str:
        return self._name

    @property
    def sample_rate(self) -> int:
        return self._sample_rate

    @property
    def languages(self) -> frozenset[str]:
        return self._languages

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
        return await (await self._engine()).open(options)

    async def aclose(self) -> None:
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.wait([self._warming])
        if self._started is not None:
            await self._started.aclose()

    async def _engine(self) -> SpeechToText:
        async with self._starting:
            if self._started is None:
                self._started = await self._start()
            return self._started

    async def _warm(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        try:
            await self._engine()
        except SttError as error:
            log.warning("recogniser %s could not be started ahead: %s", self._name, error.code)
