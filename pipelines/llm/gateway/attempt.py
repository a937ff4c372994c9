"""One request to one provider: within its deadlines, measured, judged and entered in the ledger, however it ends."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, cast

from msgspec import Struct

from pipelines.deadline import timeout_at
from pipelines.llm.gateway.breakers import ProviderBreakers
from pipelines.llm.gateway.endpoint import Endpoint
from pipelines.llm.gateway.ledger import Call, Ledger
from pipelines.llm.gateway.port import Attribution
from pipelines.llm.port import ChatRequest, Completed, LlmError, LlmEvent, TextDelta, ToolCallDelta

log = logging.getLogger(__name__)

_OWN_DELAY_S = 0.1
"""A deadline that is noticed so late passed while this process was busy: that is no fault of the provider."""


class Desk(Struct, frozen=True):
    """What all attempts of a process share. ``on_suspect``: hears of an endpoint that just failed."""

    breakers: ProviderBreakers
    ledger: Ledger
    on_suspect: Callable[[Endpoint], None]


class Patience(Struct, frozen=True):
    """Seconds: to the first text or tool call, and between two pieces after that."""

    first_token_s: float
    silence_s: float


class Attempt:
    """Iterate ``events`` once, and close it; ``call`` tells afterwards what it took."""

    def __init__(
        self,
        desk: Desk,
        endpoint: Endpoint,
        request: ChatRequest,
        *,
        task: str,
        whose: Attribution,
        patience: Patience,
        is_probe: bool = False,
    ) -> None:
        """``is_probe``: a request of one token, that tells whether the provider answers at all and nothing more."""
        self.endpoint = endpoint
        self.call = Call(provider=endpoint.provider, model=endpoint.model, task=task, whose=whose, request=request)
        self._desk = desk
        self._patience = patience
        self._is_probe = is_probe
        self._was_held_up = False

    async def events(self) -> AsyncIterator[LlmEvent]:
        """The reply, ``Completed`` last. Raises LlmError."""
        call, endpoint = self.call, self.endpoint
        loop = asyncio.get_running_loop()
        began = endpoint.used_at = loop.time()
        self._desk.ledger.begin(call)
        try:
            async with aclosing(cast("Any", endpoint.adapter.stream(call.request))) as stream:
                wait_until = began + self._patience.first_token_s
                while True:
                    event = await self._next(stream, wait_until)
                    now = loop.time()
                    if call.first_token_ms is None and isinstance(event, TextDelta | ToolCallDelta):
                        call.first_token_ms = (now - began) * 1000
                        if not self._is_probe:
                            endpoint.first_tokens.add(call.first_token_ms, now)
                    if isinstance(event, Completed):
                        self._succeed(event)
                        yield event
                        return
                    call.received_characters += _characters(event)
                    if call.first_token_ms is not None:
                        wait_until = now + self._patience.silence_s
                    yield event
        except LlmError as error:
            call.status, call.error_code = "failed", error.code
            if not self._was_held_up:
                endpoint.failed(error, self._desk.breakers)
            if endpoint.suspect:
                self._desk.on_suspect(endpoint)
            raise
        except Exception as error:
            call.status, call.error_code = "failed", "model_error"
            log.exception("the adapter of %s broke", endpoint.provider)
            raise LlmError("model_error", f"{endpoint.provider} could not be asked", retryable=True) from error
        finally:
            call.latency_ms = (loop.time() - began) * 1000
            self._desk.ledger.enter(call)

    async def _next(self, stream: AsyncIterator[LlmEvent], until: float) -> LlmEvent:
        provider = self.endpoint.provider
        try:
            async with timeout_at(until):
                return await anext(stream)
        except TimeoutError:
            self._was_held_up = asyncio.get_running_loop().time() - until > _OWN_DELAY_S
            raise LlmError("llm_timeout", f"{provider} did not answer in time", retryable=True) from None
        except StopAsyncIteration:
            raise LlmError("llm_incomplete", f"{provider} ended its reply unfinished", retryable=True) from None

    def _succeed(self, completed: Completed) -> None:
        self.call.status = "success"
        self.call.usage = completed.usage if completed.usage.input_tokens or completed.usage.output_tokens else None
        self.endpoint.succeeded(self._desk.breakers, is_probe=self._is_probe)


def _characters(event: LlmEvent) -> int:
    match event:
        case TextDelta(text):
            return len(text)
        case ToolCallDelta(_, arguments):
            return len(arguments)
    return 0
