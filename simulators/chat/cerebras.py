"""Cerebras: OpenAI's protocol, also as MessagePack, with timings, quotas by window and errors without an envelope.

https://inference-docs.cerebras.ai
"""

import gzip
import time
from typing import Any, ClassVar

import msgspec
from aiohttp import web
from msgspec.structs import replace

from simulators.chat.door import chat_delays
from simulators.chat.errors import ChatError
from simulators.chat.openai_compatible import OpenAICompatible
from simulators.chat.openai_request import Body, check_template
from simulators.chat.openai_wire import Shape
from simulators.chat.quota import Standing
from simulators.chat.replies import Answer

_UNSUPPORTED = ("frequency_penalty", "presence_penalty", "logit_bias")
_DAY_S = 86_400


class Cerebras(OpenAICompatible):
    name = "cerebras"
    prefixes = ("/cerebras/v1",)
    models = ("gpt-oss-120b", "qwen-3.8-27b", "llama3.1-8b")
    key_setting = "CEREBRAS_API_KEY"
    base_setting = "CEREBRAS_API_BASE"
    delays: ClassVar = chat_delays("cerebras")

    def authorize(self, request: web.Request) -> None:
        if "Authorization" not in request.headers:
            raise ChatError(403, "Not authenticated", kind="not_authenticated")
        try:
            super().authorize(request)
        except ChatError:
            raise ChatError(401, "Wrong API Key", code="wrong_api_key", param="api_key") from None

    async def decode(self, request: web.Request) -> Body:
        data = await request.read()
        if data[:2] == b"\x1f\x8b":  # a gzip body whose Content-Encoding a proxy has eaten
            data = gzip.decompress(data)
        decode = msgspec.msgpack.decode if "msgpack" in request.content_type else msgspec.json.decode
        try:
            return decode(data, type=Body)
        except msgspec.MsgspecError:
            raise ChatError(400, "The request body could not be parsed.", code="wrong_api_format") from None

    def check(self, body: Body) -> None:
        super().check(body)
        if body["model"].startswith("qwen"):
            check_template(body["messages"])
        for name in _UNSUPPORTED:
            if body.get(name):
                message = f"property '{name}' is unsupported"
                raise ChatError(400, message, code="wrong_api_format", param=name)

    def shape(self, body: Body, usage: dict[str, Any], answer: Answer) -> Shape:
        draw = self.simulation.delays.draw
        generation_s = answer.tokens / max(draw(self.name, "tokens_per_s"), 0.001)
        prompt_s = draw(self.name, "first_token_ms") / 1000
        timings = {
            "queue_time": 0.0002,
            "prompt_time": round(prompt_s, 6),
            "completion_time": round(generation_s, 6),
            "total_time": round(prompt_s + generation_s + 0.0005, 6),
            "created": time.time(),
        }
        return replace(
            super().shape(body, usage, answer),
            extra={"system_fingerprint": "fp_simulated"},
            last={"time_info": timings},
            reasoning_field="reasoning",
            usage_when_asked=False,
        )

    def headers(self, standing: Standing) -> dict[str, str]:
        quota = self.quota
        return {
            "x-request-id": super().headers(standing)["x-request-id"],
            "x-ratelimit-limit-requests-day": str(quota.requests_per_minute * 1440),
            "x-ratelimit-limit-requests-minute": str(quota.requests_per_minute),
            "x-ratelimit-limit-tokens-minute": str(quota.tokens_per_minute),
            "x-ratelimit-remaining-requests-day": str(quota.requests_per_minute * 1439 + standing.requests_left),
            "x-ratelimit-remaining-requests-minute": str(standing.requests_left),
            "x-ratelimit-remaining-tokens-minute": str(standing.tokens_left),
            "x-ratelimit-reset-requests-day": str(float(_DAY_S)),
            "x-ratelimit-reset-requests-minute": str(standing.reset_s),
            "x-ratelimit-reset-tokens-minute": str(standing.reset_s),
        }

    def error_body(self, error: ChatError) -> dict[str, Any]:
        if error.status == 403:
            return {"detail": error.message}
        return {"message": error.message, "type": error.kind, "param": error.param, "code": error.code}

    def over_quota(self, what: str, retry_after_s: float | None) -> ChatError:
        message = f"{what.capitalize()} per minute limit exceeded - too many {what} processed."
        return ChatError(
            429,
            message,
            kind=f"too_many_{what}_error",
            code=f"{what.removesuffix('s')}_quota_exceeded",
            param="quota",
            retry_after_s=retry_after_s,
        )

    def no_such_model(self, model: str) -> ChatError:
        message = f"Model {model} does not exist or you do not have access to it."
        return ChatError(404, message, kind="not_found_error", code="model_not_found", param="model")

    def stream_error(self, error: ChatError, shape: Shape) -> bytes:
        return b"data: " + msgspec.json.encode({"error": self.error_body(error), "status_code": error.status}) + b"\n\n"
