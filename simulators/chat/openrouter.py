"""OpenRouter: other vendors' models behind one door, comments while it works, errors inside the stream.

https://openrouter.ai/docs/api-reference/streaming
"""

from typing import Any, ClassVar
from uuid import uuid4

import msgspec
from aiohttp import web
from msgspec.structs import replace

from simulators.chat.door import chat_delays
from simulators.chat.errors import ChatError
from simulators.chat.openai_compatible import OpenAICompatible
from simulators.chat.openai_request import Body
from simulators.chat.openai_wire import Shape
from simulators.chat.quota import Standing
from simulators.chat.replies import Answer

_PRICE_PER_TOKEN = 4e-7


class OpenRouter(OpenAICompatible):
    name = "openrouter"
    prefixes = ("/openrouter/api/v1",)
    models = ("deepseek/deepseek-v4-pro", "anthropic/claude-haiku-5.5", "openai/gpt-oss-120b")
    key_setting = "OPENROUTER_API_KEY"
    base_setting = "OPENROUTER_API_BASE"
    delays: ClassVar = chat_delays("openrouter", comment_ms=1000)
    comment = b": OPENROUTER PROCESSING\n\n"

    def authorize(self, request: web.Request) -> None:
        if "Authorization" not in request.headers:
            raise ChatError(401, "Missing Authentication header")
        try:
            super().authorize(request)
        except ChatError:
            raise ChatError(401, "User not found.") from None

    def check(self, body: Body) -> None:
        fallbacks = body.get("models")
        if "model" not in body and isinstance(fallbacks, list) and fallbacks:
            body["model"] = fallbacks[0]
        super().check(body)

    def shape(self, body: Body, usage: dict[str, Any], answer: Answer) -> Shape:
        asked = (body.get("usage") or {}).get("include") is True
        if asked:
            usage = {**usage, "cost": round(usage["total_tokens"] * _PRICE_PER_TOKEN, 8)}
        usual = super().shape(body, usage, answer)
        vendor = str(body["model"]).partition("/")[0]
        return replace(
            usual,
            id=f"gen-{uuid4().hex}",
            extra={"provider": vendor},
            include_usage=usual.include_usage or asked,
            reasoning_field="reasoning",
        )

    def headers(self, standing: Standing) -> dict[str, str]:
        return {"X-Generation-Id": f"gen-{uuid4().hex}"}

    def error_body(self, error: ChatError) -> dict[str, Any]:
        return {"error": {"message": error.message, "code": error.status}}

    def no_such_model(self, model: str) -> ChatError:
        return ChatError(400, f"{model} is not a valid model ID")

    def stream_error(self, error: ChatError, shape: Shape) -> bytes:
        """One last chunk that is an error and a finish at once; no ``[DONE]`` follows."""
        chunk = {
            "id": shape.id,
            "object": "chat.completion.chunk",
            "created": shape.created,
            "model": shape.model,
            **shape.extra,
            "error": {"code": "server_error", "message": "Provider disconnected unexpectedly"},
            "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
        }
        return b"data: " + msgspec.json.encode(chunk) + b"\n\n"
