"""OpenAI's chat completion messages, whole and as a stream.

https://platform.openai.com/docs/api-reference/chat; vendors add fields of their own at the marked places.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from simulators.chat.replies import Answer
from simulators.chat.tokens import split


class Shape(Struct, frozen=True):
    """One reply's envelope.

    ``extra``: top-level fields of every chunk and of the whole object · ``reasoning_field``: where a vendor puts
    thoughts · ``last``: top-level fields of the last message alone · ``usage_when_asked``: a stream has usage only
    with ``stream_options.include_usage``.
    """

    id: str
    created: int
    model: str
    usage: dict[str, Any]
    include_usage: bool
    extra: dict[str, Any] = {}
    last: dict[str, Any] = {}
    reasoning_field: str = "reasoning_content"
    usage_when_asked: bool = True


def whole(shape: Shape, answer: Answer) -> bytes:
    """The ``chat.completion`` object."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.content or None, "refusal": None}
    if answer.reasoning:
        message[shape.reasoning_field] = answer.thoughts
    if answer.calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in answer.calls
        ]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish}
    envelope = _envelope(shape, "chat.completion")
    return msgspec.json.encode({**envelope, "choices": [choice], "usage": shape.usage, **shape.last})


def pieces(shape: Shape, answer: Answer) -> list[bytes]:
    """Chunks up to, not including, the end; the first comes with the role. Never empty."""
    head, tail = _frame(shape)
    role = head + b'{"role":"assistant","content":"","refusal":null}' + tail
    chunks = [head + delta + tail for delta in _deltas(shape, answer)]
    return [role + chunks[0], *chunks[1:]] if chunks else [role]


def _deltas(shape: Shape, answer: Answer) -> Iterator[bytes]:
    encode = msgspec.json.encode
    for piece in answer.reasoning:
        yield encode({shape.reasoning_field: piece})
    for piece in answer.text:
        yield b'{"content":' + encode(piece) + b"}"
    for index, call in enumerate(answer.calls):
        function = {"name": call.name, "arguments": ""}
        yield encode({"tool_calls": [{"index": index, "id": call.id, "type": "function", "function": function}]})
        for piece in split(call.arguments):
            yield encode({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})


def ending(shape: Shape, answer: Answer) -> bytes:
    """The finish chunk, usage where it belongs, and ``[DONE]``."""
    envelope = _envelope(shape, "chat.completion.chunk")
    choices = [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": answer.finish}]
    finish: dict[str, Any] = {**envelope, "choices": choices}
    if not shape.usage_when_asked and not shape.include_usage:
        return _event({**finish, "usage": shape.usage, **shape.last}) + b"data: [DONE]\n\n"
    if not shape.include_usage:
        return _event({**finish, **shape.last}) + b"data: [DONE]\n\n"
    usage = {**envelope, "choices": [], "usage": shape.usage, **shape.last}
    return _event({**finish, "usage": None}) + _event(usage) + b"data: [DONE]\n\n"


def _frame(shape: Shape) -> tuple[bytes, bytes]:
    """What stands before and after the delta of every chunk."""
    fields = {**_envelope(shape, "chat.completion.chunk"), **({"usage": None} if shape.include_usage else {})}
    opened = msgspec.json.encode(fields)[:-1]
    return b"data: " + opened + b',"choices":[{"index":0,"delta":', b',"logprobs":null,"finish_reason":null}]}\n\n'


def _envelope(shape: Shape, kind: str) -> dict[str, Any]:
    return {"id": shape.id, "object": kind, "created": shape.created, "model": shape.model, **shape.extra}


def _event(fields: dict[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(fields) + b"\n\n"
