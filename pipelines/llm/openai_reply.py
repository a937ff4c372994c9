"""A streamed chat completion, from the data of its events to the port's events. Pure, but for ids of calls without one.

https://platform.openai.com/docs/api-reference/chat-streaming; vendors' fields that nobody needs are skipped.
"""

from typing import Any

import msgspec
from msgspec import Struct

from pipelines.llm.port import Completed, FinishReason, LlmError, LlmEvent, TextDelta, ToolCallDelta, Usage
from pipelines.llm.refusals import stream_error
from pipelines.llm.thoughts import Thoughts
from storage.keys.secret_tokens import new_id

_DONE = b"[DONE]"
_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}
_BROKEN_OFF = frozenset({"error", "abort", "insufficient_system_resource"})
"""Of OpenRouter, vLLM and DeepSeek: what was said so far is not the reply."""


class _Function(Struct):
    name: str | None = None
    arguments: str | None = None


class _CallPiece(Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Delta(Struct):
    content: str | None = None
    refusal: str | None = None
    """Where a model will not answer as a schema wants it, its words are here."""
    tool_calls: list[_CallPiece] | None = None


class _Choice(Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _PromptDetails(Struct):
    cached_tokens: int | None = None


class _Usage(Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _PromptDetails | None = None
    prompt_cache_hit_tokens: int | None = None


class _Chunk(Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None


_decode = msgspec.json.Decoder(_Chunk).decode


class OpenAIReplyReader:
    """One reply. ``provider``: its name, for errors."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._finish: FinishReason | None = None
        self._usage: Usage | None = None
        self._calls = _Calls()
        self._thoughts = Thoughts()
        self._done = False

    @property
    def is_over(self) -> bool:
        return self._done or (self._finish is not None and self._usage is not None)

    @property
    def is_finished(self) -> bool:
        return self._finish is not None

    def read(self, data: bytes) -> list[LlmEvent]:
        """Raises LlmError for an error in the stream, and for what is no chunk: part of the reply would be missing."""
        if data.startswith(_DONE):
            self._done = True
            return []
        try:
            chunk = _decode(data)
        except msgspec.MsgspecError:
            raise LlmError("llm_bad_chunk", f"{self._provider} sent what is no chunk", retryable=True) from None
        if chunk.error:
            raise stream_error(self._provider, chunk.error)
        if chunk.usage is not None:
            self._usage = _counted(chunk.usage)
        return self._read_choice(chunk.choices[0]) if chunk.choices else []

    def completed(self) -> Completed:
        """Raises LlmError ``llm_incomplete``: a stream that just ends leaves half a sentence behind."""
        if self._finish is None:
            raise LlmError("llm_incomplete", f"{self._provider} ended its reply without finishing", retryable=True)
        # Some servers stop "normally" after tool calls.
        reason = "tool_calls" if self._calls.any and self._finish == "stop" else self._finish
        return Completed(reason, self._usage or Usage())

    def _read_choice(self, choice: _Choice) -> list[LlmEvent]:
        events: list[LlmEvent] = []
        text = choice.delta.content or choice.delta.refusal if choice.delta is not None else None
        if text and (heard := self._thoughts.heard(text)):
            events.append(TextDelta(heard))
        if choice.finish_reason and (rest := self._thoughts.rest()):
            events.append(TextDelta(rest))
        if choice.delta is not None:
            for piece in choice.delta.tool_calls or ():
                events.extend(self._calls.read(piece))
        if choice.finish_reason in _BROKEN_OFF:
            raise stream_error(self._provider, {"code": choice.finish_reason})
        if choice.finish_reason:
            self._finish = _REASONS.get(choice.finish_reason, "stop")
        return events


class _Calls:
    """Numbers the calls of a reply. Servers differ: some repeat id and name, some give every call the index 0."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._by_index: dict[int, int] = {}

    @property
    def any(self) -> bool:
        return bool(self._ids)

    def read(self, piece: _CallPiece) -> list[LlmEvent]:
        function = piece.function or _Function()
        arguments = function.arguments or ""
        index = piece.index if piece.index is not None else len(self._ids) - (0 if piece.id else 1)
        number = self._by_index.get(index)
        if number is None or (piece.id and piece.id != self._ids[number]):
            number = self._by_index[index] = len(self._ids)
            # A conversation knows a call by its id alone: one that each reply has again would have another's result.
            self._ids.append(piece.id or new_id("call"))
            return [ToolCallDelta(number, arguments, self._ids[number], function.name or "")]
        return [ToolCallDelta(number, arguments)] if arguments else []


def _counted(usage: _Usage) -> Usage:
    details = usage.prompt_tokens_details
    cached = usage.prompt_cache_hit_tokens
    if cached is None:
        cached = (details.cached_tokens if details is not None else None) or 0
    return Usage(usage.prompt_tokens, usage.completion_tokens, cached)
