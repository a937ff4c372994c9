"""A cloud recogniser with a WebSocket for each caller: the common part of Deepgram Flux, Nova and Cartesia's turns."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Protocol

import aiohttp

from pipelines.stt.live_socket import SocketRules, session_for
from pipelines.stt.port import SttError, SttOptions, SttStream


class LiveStream(SttStream, Protocol):
    """One caller's, not connected yet."""

    async def open(self) -> None:
        """Raises SttError."""


class LiveRecognizer(ABC):
    """The recogniser of all conversations of the process. Use it within one event loop. Subclasses say where the
    vendor listens and how its messages are read."""

    name: str
    languages: frozenset[str]
    detects_turns: bool
    continuous = True
    guesses = False

    def __init__(
        self, headers: Mapping[str, str], *, base_url: str, sample_rate: int, chunk_ms: float, rules: SocketRules
    ) -> None:
        self.sample_rate = sample_rate
        self.healthy = True
        """Whether the last stream could be opened."""
        self._headers = headers
        self._base_url = base_url.rstrip("/")
        self._chunk_ms = chunk_ms
        self._rules = rules
        self._session: aiohttp.ClientSession | None = None

    async def open(self, options: SttOptions) -> SttStream:
        """Raises SttError."""
        if not self.languages.intersection(options.languages):
            raise SttError("stt_language_not_supported", f"{self.name} does not understand it", retryable=False)
        if self._session is None:
            self._session = session_for(self._headers)
        stream = self._stream(self._session, self._base_url + self._path(options))
        try:
            await stream.open()
        except SttError:
            self.healthy = False
            raise
        self.healthy = True
        return stream

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    @abstractmethod
    def _path(self, options: SttOptions) -> str:
        """Path and query."""

    @abstractmethod
    def _stream(self, session: aiohttp.ClientSession, url: str) -> LiveStream: ...
