"""Any model behind OpenAI's chat completions: Cerebras, DeepSeek, OpenRouter, OpenAI, Ollama, vLLM at RunPod.

On the official SDK, without its retries: it sleeps through a ``Retry-After`` of up to two minutes, and a caller on the
line is better served by the next model of the ladder.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

from openai import APIError, AsyncOpenAI, DefaultAioHttpClient

from pipelines.llm.http_stream import http_limits, http_timeout, read_reply, translated
from pipelines.llm.openai_reply import OpenAIReplyReader
from pipelines.llm.openai_request import request_body
from pipelines.llm.port import ChatRequest, LlmError, LlmEvent, Message
from pipelines.llm.profiles import Profile

_LIST_S = 5.0
_NO_KEY = "none"
"""The SDK insists on a key; servers that want none ignore it."""


class OpenAICompatibleModel:
    """One model of one provider, for all conversations of the process. Use it within one event loop."""

    def __init__(self, profile: Profile, *, model: str, base_url: str, api_key: str | None = None) -> None:
        """``base_url``: up to, not including, ``/chat/completions``."""
        if profile.needs_key and not api_key:
            raise ValueError(f"{profile.name} needs a key")
        self._profile = profile
        self._model = model
        timeout = http_timeout(profile.deadlines)
        self._http = DefaultAioHttpClient(limits=http_limits(), timeout=timeout)
        self._client = AsyncOpenAI(
            api_key=api_key or _NO_KEY, base_url=base_url, max_retries=0, timeout=timeout, http_client=self._http
        )

    @property
    def name(self) -> str:
        return self._profile.name

    @property
    def model(self) -> str:
        return self._model

    async def list_models(self) -> tuple[str, ...]:
        """The names the provider serves under this key. Raises LlmError."""
        try:
            async with asyncio.timeout(_LIST_S):
                return tuple([model.id async for model in self._client.models.list()])
        except TimeoutError:
            raise LlmError("llm_timeout", f"{self.name} did not list its models in time", retryable=True) from None
        except APIError as error:
            raise translated(self.name, error) from None

    def use(self, model: str) -> None:
        """Ask for this model from now on."""
        self._model = model

    async def stream(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        """Stream a reply, ending with ``Completed``. Raises LlmError."""
        body = request_body(self._profile, self._model, request)
        reader = OpenAIReplyReader(self.name)
        try:
            events = read_reply(self.name, self._request(body), reader, self._profile.deadlines)
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
        """The messages go in the extra body, past the SDK's transformation of every field: 0.25 ms of CPU a message."""
        model = body.pop("model")
        return self._client.chat.completions.with_streaming_response.create(
            model=model, messages=(), stream=True, extra_body=body
        )
