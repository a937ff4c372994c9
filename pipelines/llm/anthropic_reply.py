"""A streamed Anthropic message, from the data of its events to the port's events. Pure.

``message_start``, then for each block ``content_block_start/delta/stop``, then ``message_delta`` and ``message_stop``;
pings anywhere. There is no ``[DONE]``. https://docs.anthropic.com/en/docs/build-with-claude/streaming
"""

from typing import Any

import msgspec
from msgspec import Struct

from pipelines.llm.port import Completed, FinishReason, LlmError, LlmEvent, TextDelta, ToolCallDelta, Usage
from pipelines.llm.refusals import stream_error

_REASONS: dict[str, FinishReason] = {
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}


class _Usage(Struct):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


class _Message(Struct):
    usage: _Usage | None = None


class _Block(Struct):
    type: str = ""
    id: str = ""
    name: str = ""
    text: str = ""


class _Delta(Struct):
    type: str = ""
    text: str = ""
    partial_json: str = ""
    stop_reason: str | None = None


class _Event(Struct):
    type: str
    index: int = 0
    message: _Message | None = None
    content_block: _Block | None = None
    delta: _Delta | None = None
    usage: _Usage | None = None
    error: Any = None


_decode = msgspec.json.Decoder(_Event).decode


class AnthropicReplyReader:
    """One reply."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._calls: dict[int, int] = {}
        self._reason: FinishReason | None = None
        self._usage = _Usage()
        self._stopped = False

    @property
    def is_over(self) -> bool:
        return self._stopped

    @property
    def is_finished(self) -> bool:
        return self._reason is not None

    def read(self, data: bytes) -> list[LlmEvent]:
        """Raises LlmError for an error in the stream, and for what is no event: part of the reply would be missing."""
        try:
            event = _decode(data)
        except msgspec.MsgspecError:
            raise LlmError("llm_bad_chunk", f"{self._provider} sent what is no event", retryable=True) from None
        match event.type:
            case "content_block_delta" if event.delta is not None:
                return self._read_delta(event.index, event.delta)
            case "content_block_start" if event.content_block is not None:
                return self._read_start(event.index, event.content_block)
            case "message_start" if event.message is not None:
                self._count(event.message.usage)
            case "message_delta":
                self._count(event.usage)
                if event.delta is not None and event.delta.stop_reason:
                    self._reason = _REASONS.get(event.delta.stop_reason, "stop")
            case "message_stop":
                self._stopped = True
            case "error":
                raise stream_error(self._provider, event.error)
        return []

    def completed(self) -> Completed:
        """Raises LlmError ``llm_incomplete``."""
        if self._reason is None:
            raise LlmError("llm_incomplete", f"{self._provider} ended its reply without finishing", retryable=True)
        usage = self._usage
        cached = usage.cache_read_input_tokens or 0
        written = usage.cache_creation_input_tokens or 0
        total = (usage.input_tokens or 0) + written + cached
        return Completed(self._reason, Usage(total, usage.output_tokens or 0, cached, written))

    def _read_start(self, index: int, block: _Block) -> list[LlmEvent]:
        if block.type == "tool_use":
            number = self._calls[index] = len(self._calls)
            return [ToolCallDelta(number, "", block.id, block.name)]
        return [TextDelta(block.text)] if block.type == "text" and block.text else []

    def _read_delta(self, index: int, delta: _Delta) -> list[LlmEvent]:
        if delta.type == "text_delta" and delta.text:
            return [TextDelta(delta.text)]
        if delta.type == "input_json_delta" and delta.partial_json and index in self._calls:
            return [ToolCallDelta(self._calls[index], delta.partial_json)]
        return []

    def _count(self, usage: _Usage | None) -> None:
        """Counts are running totals; an event names those it knows."""
        if usage is None:
            return
        for field in usage.__struct_fields__:
            if (count := getattr(usage, field)) is not None:
                setattr(self._usage, field, count)
