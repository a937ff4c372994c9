"""What all vendors with OpenAI's chat completions have in common. A vendor's file overrides where it differs."""

import time
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from uuid import uuid4

import msgspec
from aiohttp import web

from simulators.chat import openai_wire
from simulators.chat.door import ChatDoor, Reply
from simulators.chat.errors import ChatError
from simulators.chat.openai_request import Body, check_request, read_turn
from simulators.chat.openai_wire import Shape
from simulators.chat.quota import Standing
from simulators.chat.replies import Answer, answer
from simulators.chat.stream import Wire
from simulators.chat.tokens import count_prompt
from simulators.chat.turn import Turn
from simulators.faults import Fault
from simulators.simulation import BaseUrls


class OpenAICompatible(ChatDoor):
    """Base class. ``name`` of the vendor, ``prefixes`` of its paths (each up to ``/chat/completions``)."""

    prefixes: ClassVar[tuple[str, ...]]
    key_setting: ClassVar[str]
    base_setting: ClassVar[str]
    fields: ClassVar[frozenset[str] | None] = None
    """Names a request may have; None: any, unknown ones are ignored."""
    comment: ClassVar[bytes | None] = None
    garbage: ClassVar[bytes] = b'data: {"id":"chatcmpl-0","choices":[{"del\n\n'

    def routes(self) -> Iterable[web.RouteDef]:
        for prefix in self.prefixes:
            yield web.post(f"{prefix}/chat/completions", self.complete)
            yield web.get(f"{prefix}/models", self._list_models)

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {self.key_setting: self.simulation.key(self.name), self.base_setting: urls.http + self.prefixes[0]}

    # Where vendors differ.

    def authorize(self, request: web.Request) -> None:
        """Raises ChatError."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or secret.strip() != self.simulation.key(self.name):
            raise ChatError(401, "Incorrect API key provided.", code="invalid_api_key")

    async def decode(self, request: web.Request) -> Body:
        """The request's body. Raises ChatError."""
        try:
            return msgspec.json.decode(await request.read(), type=Body)
        except msgspec.MsgspecError:
            raise ChatError(400, "We could not parse the JSON body of your request.") from None

    def check(self, body: Body) -> None:
        """Raises ChatError."""
        check_request(body)
        unknown = [name for name in body if self.fields is not None and name not in self.fields]
        if unknown:
            raise ChatError(400, f"Unrecognized request argument supplied: {unknown[0]}", param=unknown[0])

    def adapt(self, body: Body, answer: Answer) -> Answer:
        """The answer as this vendor would give it."""
        return answer

    def usage(self, prompt_tokens: int, cached_tokens: int, answer: Answer) -> dict[str, Any]:
        return {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": answer.tokens,
            "total_tokens": prompt_tokens + answer.tokens,
            "prompt_tokens_details": {"cached_tokens": cached_tokens},
            "completion_tokens_details": {"reasoning_tokens": len(answer.reasoning)},
        }

    def shape(self, body: Body, usage: dict[str, Any], answer: Answer) -> Shape:
        return Shape(
            id=f"chatcmpl-{uuid4().hex}",
            created=int(time.time()),
            model=body["model"],
            usage=usage,
            include_usage=bool((body.get("stream_options") or {}).get("include_usage")),
            extra={"service_tier": "default", "system_fingerprint": "fp_simulated"},
        )

    def headers(self, standing: Standing) -> dict[str, str]:
        """Of every answer."""
        quota = self.quota
        return {
            "x-request-id": f"req_{uuid4().hex}",
            "x-ratelimit-limit-requests": str(quota.requests_per_minute),
            "x-ratelimit-limit-tokens": str(quota.tokens_per_minute),
            "x-ratelimit-remaining-requests": str(standing.requests_left),
            "x-ratelimit-remaining-tokens": str(standing.tokens_left),
            "x-ratelimit-reset-requests": f"{standing.reset_s:.3f}s",
            "x-ratelimit-reset-tokens": f"{standing.reset_s:.3f}s",
        }

    def error_body(self, error: ChatError) -> dict[str, Any]:
        return {"error": {"message": error.message, "type": error.kind, "param": error.param, "code": error.code}}

    def over_quota(self, what: str, retry_after_s: float | None) -> ChatError:
        """``what``: ``requests`` or ``tokens``."""
        message = f"Rate limit reached on {what} per minute. Please try again later."
        return ChatError(429, message, kind=what, code="rate_limit_exceeded", retry_after_s=retry_after_s)

    def no_such_model(self, model: str) -> ChatError:
        message = f"The model `{model}` does not exist or you do not have access to it."
        return ChatError(404, message, code="model_not_found", param="model")

    def stream_error(self, error: ChatError, shape: Shape) -> bytes:
        """An error once the stream has begun; it is the last the client gets."""
        return b"data: " + msgspec.json.encode(self.error_body(error)) + b"\n\n"

    # What is common.

    async def serve(self, request: web.Request, headers: dict[str, str]) -> web.StreamResponse:
        await self.admit(request)
        body = await self.decode(request)
        self.remember(request, body)
        self.check(body)
        self.check_model(body["model"])
        turn = read_turn(self.name, body)
        headers.update(self.book(turn))
        written = self.adapt(body, answer(self.simulation, turn))
        shape = self.shape(body, self._count(turn, written), written)
        comment_ms = self.simulation.delays.draw(self.name, "comment_ms")
        ending = openai_wire.ending(shape, written)
        wire = Wire(openai_wire.pieces(shape, written), ending, self.garbage, self.comment, comment_ms)
        whole = None if body.get("stream") else openai_wire.whole(shape, written)

        def word(fault: Fault) -> bytes:
            return self.stream_error(self.fault_error(fault), shape)

        return await self.send(request, Reply(wire, whole, word), headers)

    def _count(self, turn: Turn, written: Answer) -> dict[str, Any]:
        known = self.cache.read(turn.model, turn.prompt, self.simulation.clock.now())
        prompt_tokens = count_prompt(len(turn.prompt))
        self.tally(prompt_tokens, written)
        return self.usage(prompt_tokens, min(known // 4, prompt_tokens), written)

    async def _list_models(self, request: web.Request) -> web.Response:
        try:
            await self.admit(request)
        except ChatError as error:
            return self.refusal(error, {})
        models = [
            {"id": name, "object": "model", "created": 1_780_000_000, "owned_by": self.name}
            for name in self.options.models or self.models
        ]
        return web.json_response({"object": "list", "data": models})
