"""OpenAI's chat completions."""

import re
from typing import ClassVar

from simulators.chat.door import chat_delays
from simulators.chat.errors import ChatError
from simulators.chat.openai_compatible import OpenAICompatible
from simulators.chat.openai_request import Body

_LONGEST_CALL_ID = 40
_O_SERIES = re.compile(r"o\d")


class OpenAI(OpenAICompatible):
    """Refuses arguments it does not know, as the vendor does. Names: openai 3.54, ``CompletionCreateParams``."""

    name = "openai"
    prefixes = ("/openai/v1",)
    models = ("gpt-5.2", "gpt-5.2-mini", "gpt-4.1-mini")
    key_setting = "OPENAI_API_KEY"
    base_setting = "OPENAI_BASE_URL"
    delays: ClassVar = chat_delays("openai")
    fields = frozenset(
        "audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens messages "
        "metadata modalities model moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key "
        "prompt_cache_options prompt_cache_retention reasoning_effort response_format safety_identifier seed "
        "service_tier stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity "
        "web_search_options".split()
    )

    def check(self, body: Body) -> None:
        super().check(body)
        if _O_SERIES.match(body["model"]) and "parallel_tool_calls" in body:
            text = "Unsupported parameter: 'parallel_tool_calls' is not supported with this model."
            raise ChatError(400, text, code="unsupported_parameter", param="parallel_tool_calls")
        for place, message in enumerate(body["messages"]):
            for at, call in enumerate(message.get("tool_calls") or ()):
                if len(call_id := str(call.get("id"))) > _LONGEST_CALL_ID:
                    param = f"messages[{place}].tool_calls[{at}].id"
                    text = f"Invalid '{param}': string too long. Expected a string with maximum length 40, but got a "
                    raise ChatError(400, f"{text}string with length {len(call_id)} instead.", param=param)
