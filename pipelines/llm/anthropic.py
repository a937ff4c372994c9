"""Anthropic's models, on the official SDK without its retries: it sleeps through a ``Retry-After`` of up to
two minutes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

import httpx2
from anthropic import APIError, AsyncAnthropic, DefaultAioHttpClient

from pipelines.llm.anthropic_reply import AnthropicReplyReader
from pipelines.llm.anthropic_request import request_body
from pipelines.llm.http_stream import Deadlines, read_reply
from pipelines.llm.port import ChatRequest, LlmError, LlmEvent, Message
from pipelines.llm.sdk_client import http_limits, http_timeout, translated

_LIST_S = 5.0
_OURS = ("model", "max_tokens", "messages", "stream")


class AnthropicModel:
    """One model, for all conversations of the process. Use it within one event loop."""

    def __init__(
        self,
        *,
        api_key: str,
        model: str = "claude-haiku-5-5",
        base_url: str = "https://api.anthropic.com",
        deadlines: Deadlines = Deadlines(),  # noqa: B008 - frozen
    ) -> None:
        self._model = model
        self._deadlines = deadlines
        timeout = http_timeout(deadlines)
        self._http = DefaultAioHttpClient(limits=http_limits(), timeout=timeout)
        self._client = AsyncAnthropic(
            api_key=api_key, base_url=base_url, max_retries=0, timeout=timeout, http_client=self._http
        )

    @property
    def name(self) -> str:
        return "anthropic"

    @property
    def model(self) -> str:
        return self._model

    async def list_models(self) -> tuple[str, ...]:
        """The names the provider serves under this key. Raises LlmError."""
        try:
            async with asyncio.timeout(_LIST_S):
                return tuple([model.id async for model in self._client.models.list(limit=1000)])
        except TimeoutError:
            raise LlmError("llm_timeout", f"{self.name} did not list its models in time", retryable=True) from None
        except APIError as error:
            raise translated(self.name, error) from None

    def use(self, model: str) -> None:
        """Ask for this model from now on."""
        self._model = model

    async def stream(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        """Stream a reply, ending with ``Completed``. The temperature is left out. Raises LlmError."""
        body = request_body(self._model, request)
        reader = AnthropicReplyReader(self.name)
        try:
            events = read_reply(self.name, self._request(body), reader, self._deadlines, httpx2.RequestError)
            async with aclosing(cast("Any", events)):
                async for event in events:
                    yield event
        except APIError as error:
            raise translated(self.name, error) from None

    async def warm(self) -> None:
        """A real request of one token: opens a connection and loads what the SDK imports late. Raises LlmError."""
        request = ChatRequest(messages=(Message(role="user", content="Hi"),), max_output_tokens=1)
        async for _ in self.stream(request):
            pass

    async def aclose(self) -> None:
        """Close all connections; replies that are still streamed fail."""
        await self._client.close()
        await self._http.aclose()

    def _request(self, body: dict[str, Any]) -> Any:
        known = {name: body.pop(name) for name in _OURS}
        return self._client.messages.with_streaming_response.create(**known, extra_body=body)
