"""DeepSeek: thinking in ``reasoning_content``, cache hits in the usage, keep-alive comments while a request waits.

https://api-docs.deepseek.com
"""

from typing import Any, ClassVar

from aiohttp import web
from msgspec.structs import replace

from simulators.chat.door import chat_delays
from simulators.chat.errors import ChatError
from simulators.chat.openai_compatible import OpenAICompatible
from simulators.chat.openai_request import Body
from simulators.chat.openai_wire import Shape
from simulators.chat.quota import Standing
from simulators.chat.replies import Answer
from simulators.chat.tokens import split

_USUAL_THOUGHT = "The user wants a short and helpful answer. I will give it."


class DeepSeek(OpenAICompatible):
    name = "deepseek"
    prefixes = ("/deepseek", "/deepseek/v1", "/deepseek/beta")
    models = ("deepseek-flash", "deepseek-v4-pro")
    key_setting = "DEEPSEEK_API_KEY"
    base_setting = "DEEPSEEK_API_BASE"
    delays: ClassVar = chat_delays("deepseek")
    comment = b": keep-alive\n\n"

    def authorize(self, request: web.Request) -> None:
        try:
            super().authorize(request)
        except ChatError:
            message = "Authentication Fails, Your api key is invalid"
            raise ChatError(401, message, kind="authentication_error", code="invalid_request_error") from None

    def check(self, body: Body) -> None:
        super().check(body)
        if _thinks(body) and _lost_thoughts(body["messages"]):
            message = "The `reasoning_content` in the thinking mode must be passed back to the API."
            raise ChatError(400, message, code="invalid_request_error")

    def adapt(self, body: Body, answer: Answer) -> Answer:
        if not _thinks(body):
            return replace(answer, reasoning=())
        return answer if answer.reasoning else replace(answer, reasoning=split(_USUAL_THOUGHT))

    def usage(self, prompt_tokens: int, cached_tokens: int, answer: Answer) -> dict[str, Any]:
        usual = super().usage(prompt_tokens, cached_tokens, answer)
        return {
            **usual,
            "prompt_cache_hit_tokens": cached_tokens,
            "prompt_cache_miss_tokens": prompt_tokens - cached_tokens,
        }

    def shape(self, body: Body, usage: dict[str, Any], answer: Answer) -> Shape:
        usual = super().shape(body, usage, answer)
        return replace(usual, extra={"system_fingerprint": "fp_simulated"}, usage_when_asked=False)

    def headers(self, standing: Standing) -> dict[str, str]:
        return {"x-ds-trace-id": super().headers(standing)["x-request-id"]}

    def over_quota(self, what: str, retry_after_s: float | None) -> ChatError:
        message = "Rate limit reached. Please slow down."
        return ChatError(429, message, kind="rate_limit_error", code="rate_limit_error", retry_after_s=retry_after_s)

    def no_such_model(self, model: str) -> ChatError:
        return ChatError(400, "Model Not Exist", code="invalid_request_error")


def _thinks(body: Body) -> bool:
    """Thinking is on unless it is switched off."""
    thinking = body.get("thinking")
    return not (isinstance(thinking, dict) and thinking.get("type") == "disabled")


def _lost_thoughts(messages: list[Body]) -> bool:
    """A tool call of the running turn came back without the thoughts that led to it."""
    for message in reversed(messages):
        if message["role"] == "user":
            return False
        if message.get("tool_calls") and not message.get("reasoning_content"):
            return True
    return False
