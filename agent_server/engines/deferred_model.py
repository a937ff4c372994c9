"""A provider's model whose SDK is loaded beside the running server: loading takes seconds on a busy machine."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any, cast

from pipelines.llm.gateway.endpoint import ServedModel
from pipelines.llm.port import ChatRequest, LlmEvent
from pipelines.loading import loaded


class DeferredModel:
    """Implements ``ServedModel``. Whoever asks before the model is made waits for it; the gateway asks at start."""

    def __init__(self, name: str, model: str, make: Callable[[str], ServedModel]) -> None:
        """``make`` gets the name of the model, in the thread that imports."""
        self._name = name
        self._model = model
        self._make = make
        self._making = asyncio.Lock()
        self._made: ServedModel | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def model(self) -> str:
        return self._model

    async def load(self) -> None:
        """Make the model now."""
        await self._ready()

    async def list_models(self) -> tuple[str, ...]:
        return await (await self._ready()).list_models()

    def use(self, model: str) -> None:
        self._model = model
        if self._made is not None:
            self._made.use(model)

    def stream(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        return self._stream_when_ready(request) if self._made is None else self._made.stream(request)

    async def aclose(self) -> None:
        async with self._making:
            if self._made is not None:
                await self._made.aclose()

    async def _stream_when_ready(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        made = await self._ready()
        async with aclosing(cast("Any", made.stream(request))) as events:
            async for event in events:
                yield event

    async def _ready(self) -> ServedModel:
        async with self._making:
            if self._made is None:
                self._made = await loaded(partial(self._make, self._model))
                self._made.use(self._model)  # it may have been settled meanwhile
            return self._made
