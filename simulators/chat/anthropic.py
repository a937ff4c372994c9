"""Anthropic's Messages API."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

import msgspec
from aiohttp import web
from msgspec.structs import replace

from simulators.chat import anthropic_wire
from simulators.chat.anthropic_request import Body, cached_blocks, check_request, read_turn
from simulators.chat.anthropic_wire import Shape
from simulators.chat.door import ChatDoor, Reply, chat_delays
from simulators.chat.errors import ChatError
from simulators.chat.marked_prefixes import MarkedPrefixes
from simulators.chat.quota import Standing
from simulators.chat.replies import Answer, answer
from simulators.chat.stream import Wire
from simulators.chat.tokens import PROMPT_CHARACTERS_PER_TOKEN, count_prompt, split
from simulators.chat.turn import Turn
from simulators.faults import Fault
from simulators.simulation import BaseUrls, Simulation

_VERSIONS = ("2023-06-01", "2026-10-21")
_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
_SHORTEST_CACHED_TOKENS = 1024
_USUAL_THOUGHT = "The user wants a short and helpful answer. I will give it."
_PREFIX = "/anthropic"


class Anthropic(ChatDoor):
    name = "anthropic"
    models = ("claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-4-5")
    delays: ClassVar = chat_delays("anthropic")

    def __init__(self, simulation: Simulation) -> None:
        super().__init__(simulation)
        self.prefixes = MarkedPrefixes(_SHORTEST_CACHED_TOKENS * PROMPT_CHARACTERS_PER_TOKEN)

    def routes(self) -> Iterable[web.RouteDef]:
        return (
            web.post(f"{_PREFIX}/v1/messages", self.complete),
            web.post(f"{_PREFIX}/v1/messages/count_tokens", self._count_tokens),
            web.get(f"{_PREFIX}/v1/models", self._list_models),
        )

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {"ANTHROPIC_API_KEY": self.simulation.key(self.name), "ANTHROPIC_BASE_URL": urls.http + _PREFIX}

    def authorize(self, request: web.Request) -> None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        given = secret.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
        if given != self.simulation.key(self.name):
            raise ChatError(401, "invalid x-api-key")
        version = request.headers.get("anthropic-version")
        if version not in _VERSIONS:
            raise ChatError(400, "anthropic-version: header is required" if version is None else "unknown version")

    async def serve(self, request: web.Request, headers: dict[str, str]) -> web.StreamResponse:
        headers["request-id"] = f"req_{uuid4().hex}"
        await self.admit(request)
        body = await _decode(request)
        self.remember(request, body)
        check_request(body, request.headers["anthropic-version"])
        self.check_model(body["model"])
        turn = read_turn(self.name, body)
        headers.update(self.book(turn))
        written = _think(body, answer(self.simulation, turn))
        shape = Shape(f"msg_{uuid4().hex}", body["model"], self._usage(body, turn, written))
        wire = Wire(anthropic_wire.pieces(shape, written), anthropic_wire.ending(written), _GARBAGE)
        whole = None if body.get("stream") else anthropic_wire.whole(shape, written)
        return await self.send(request, Reply(wire, whole, self._stream_error), headers)

    def fault_error(self, fault: Fault) -> ChatError:
        if fault.kind == "rate_limit":
            return self.over_quota("requests", fault.retry_after_s)
        return ChatError(fault.status or 529, "Overloaded", retry_after_s=fault.retry_after_s)

    def error_body(self, error: ChatError) -> Body:
        kind = _KINDS.get(error.status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": error.message}, "request_id": f"req_{uuid4().hex}"}

    def over_quota(self, what: str, retry_after_s: float | None) -> ChatError:
        message = f"This request would exceed your organization's rate limit of {what} per minute."
        return ChatError(429, message, retry_after_s=retry_after_s)

    def no_such_model(self, model: str) -> ChatError:
        return ChatError(404, f"model: {model}")

    def headers(self, standing: Standing) -> dict[str, str]:
        reset = (datetime.now(UTC) + timedelta(seconds=standing.reset_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
        headers = {"anthropic-organization-id": "simulated"}
        for what, limit, left in (
            ("requests", self.quota.requests_per_minute, standing.requests_left),
            ("tokens", self.quota.tokens_per_minute, standing.tokens_left),
            ("input-tokens", self.quota.tokens_per_minute, standing.tokens_left),
            ("output-tokens", self.quota.tokens_per_minute, standing.tokens_left),
        ):
            headers[f"anthropic-ratelimit-{what}-limit"] = str(limit)
            headers[f"anthropic-ratelimit-{what}-remaining"] = str(left)
            headers[f"anthropic-ratelimit-{what}-reset"] = reset
        return headers

    def _stream_error(self, fault: Fault) -> bytes:
        return anthropic_wire.error_event(self.error_body(self.fault_error(fault)))

    def _usage(self, body: Body, turn: Turn, written: Answer) -> dict[str, Any]:
        """Input tokens, split by what the prompt cache does with them."""
        total = count_prompt(len(turn.prompt))
        taken = self.prefixes.take(turn.model, cached_blocks(body), self.simulation.clock.now())
        read, made = (characters // PROMPT_CHARACTERS_PER_TOKEN for characters in taken)
        self.tally(total, written)
        return {
            "input_tokens": total - read - made,
            "cache_creation_input_tokens": made,
            "cache_read_input_tokens": read,
            "service_tier": "standard",
        }

    async def _count_tokens(self, request: web.Request) -> web.Response:
        try:
            await self.admit(request)
            body = {"max_tokens": 1, **await _decode(request)}
            check_request(body, request.headers["anthropic-version"])
        except ChatError as error:
            return self.refusal(error, {})
        return web.json_response({"input_tokens": count_prompt(len(read_turn(self.name, body).prompt))})

    async def _list_models(self, request: web.Request) -> web.Response:
        try:
            await self.admit(request)
        except ChatError as error:
            return self.refusal(error, {})
        data = [
            {
                "type": "model",
                "id": name,
                "display_name": name,
                "created_at": "2026-01-01T00:00:00Z",
                "lifecycle": "active",
            }
            for name in self.options.models or self.models
        ]
        return web.json_response(
            {"data": data, "has_more": False, "first_id": data[0]["id"], "last_id": data[-1]["id"]}
        )


_GARBAGE = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"del\n\n'


async def _decode(request: web.Request) -> Body:
    try:
        return msgspec.json.decode(await request.read(), type=Body)
    except msgspec.MsgspecError:
        raise ChatError(400, "The request body is not valid JSON") from None


def _think(body: Body, written: Answer) -> Answer:
    """Thoughts are written only when thinking is asked for."""
    if (body.get("thinking") or {}).get("type") not in ("enabled", "adaptive"):
        return replace(written, reasoning=())
    return written if written.reasoning else replace(written, reasoning=split(_USUAL_THOUGHT))
