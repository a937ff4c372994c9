"""Any model behind OpenAI's chat completions: Cerebras, DeepSeek, OpenRouter, OpenAI, Ollama, vLLM at RunPod.

Nothing is retried here: a caller on the line is better served by the next model of the ladder. Requests go without the
official SDK (``posted`` tells why), which lists the models.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

import aiohttp

from pipelines.llm.http_stream import read_reply
from pipelines.llm.openai_reply import OpenAIReplyReader
from pipelines.llm.openai_request import request_body
from pipelines.llm.port import ChatRequest, LlmError, LlmEvent, Message
from pipelines.llm.posted import Poster
from pipelines.llm.profiles import Profile
from pipelines.loading import loaded

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
        self._base_url = base_url.rstrip("/")
        self._key = api_key
        self._poster = Poster(
            profile.name, f"{self._base_url}/chat/completions", key=api_key, deadlines=profile.deadlines
        )

    @property
    def name(self) -> str:
        return self._profile.name

    @property
    def model(self) -> str:
        return self._model

    async def list_models(self) -> tuple[str, ...]:
        """The names the provider serves under this key. Raises LlmError."""
        return await _listed(await loaded(self._sdk_client), self.name)

    def use(self, model: str) -> None:
        """Ask for this model from now on."""
        self._model = model

    async def stream(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        """Stream a reply, ending with ``Completed``. Raises LlmError."""
        body = request_body(self._profile, self._model, request)
        reader, deadlines = OpenAIReplyReader(self.name), self._profile.deadlines
        events = read_reply(self.name, self._poster.post(body), reader, deadlines, aiohttp.ClientError)
        async with aclosing(cast("Any", events)):
            async for event in events:
                yield event

    async def warm(self) -> None:
        """A real request of one token opens a connection. Raises LlmError."""
        request = ChatRequest(messages=(Message(role="user", content="Hi"),), max_output_tokens=1)
        async for _ in self.stream(request):
            pass

    async def aclose(self) -> None:
        """Close all connections; replies that are still streamed fail."""
        await self._poster.aclose()

    def _sdk_client(self) -> Any:
        from openai import AsyncOpenAI  # noqa: PLC0415 - half a second of imports, wanted once

        return AsyncOpenAI(api_key=self._key or _NO_KEY, base_url=self._base_url, max_retries=0, timeout=_LIST_S)


async def _listed(client: Any, provider: str) -> tuple[str, ...]:
    from openai import APIError  # noqa: PLC0415 - loaded with the client

    from pipelines.llm.sdk_client import translated  # noqa: PLC0415 - likewise

    try:
        async with asyncio.timeout(_LIST_S), client:
            return tuple([model.id async for model in client.models.list()])
    except TimeoutError:
        raise LlmError("llm_timeout", f"{provider} did not list its models in time", retryable=True) from None
    except APIError as error:
        raise translated(provider, error) from None
