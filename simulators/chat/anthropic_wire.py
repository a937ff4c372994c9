"""Anthropic's message, whole and as a stream of named events.

https://docs.anthropic.com/en/docs/build-with-claude/streaming
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from simulators.chat.replies import Answer
from simulators.chat.tokens import split

_STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}
_SIGNATURE = "c2ltdWxhdGVkLXNpZ25hdHVyZQ=="


class Shape(Struct, frozen=True):
    """One reply's envelope; ``usage`` without the output tokens."""

    id: str
    model: str
    usage: dict[str, Any]


def whole(shape: Shape, answer: Answer) -> bytes:
    """The message object."""
    usage = {**shape.usage, "output_tokens": answer.tokens}
    return msgspec.json.encode(
        _message(shape, [_block(kind, answer) for kind in _kinds(answer)], usage) | _stop(answer)
    )


def pieces(shape: Shape, answer: Answer) -> list[bytes]:
    """Events up to, not including, the end; each piece carries one delta. Never empty."""
    opening = _event({"type": "message_start", "message": _message(shape, [], {**shape.usage, "output_tokens": 1})})
    chunks: list[bytes] = []
    pending = opening
    for index, kind in enumerate(_kinds(answer)):
        start = {"type": "content_block_start", "index": index, "content_block": _opened(kind, answer)}
        pending += _event(start) + (_event({"type": "ping"}) if index == 0 else b"")
        for delta in _deltas(kind, answer):
            chunks.append(pending + _event({"type": "content_block_delta", "index": index, "delta": delta}))
            pending = b""
        pending += _event({"type": "content_block_stop", "index": index})
    if chunks:
        chunks[-1] += pending
    return chunks or [pending]


def ending(answer: Answer) -> bytes:
    """The stop reason with the tokens written, and the end."""
    delta = {"type": "message_delta", "delta": _stop(answer), "usage": {"output_tokens": answer.tokens}}
    return _event(delta) + _event({"type": "message_stop"})


def error_event(body: dict[str, Any]) -> bytes:
    return b"event: error\ndata: " + msgspec.json.encode(body) + b"\n\n"


def _kinds(answer: Answer) -> list[str]:
    """The blocks of an answer in order; tool calls by their number."""
    kinds = (["thinking"] if answer.reasoning else []) + (["text"] if answer.text else [])
    return kinds + [str(number) for number in range(len(answer.calls))]


def _opened(kind: str, answer: Answer) -> dict[str, Any]:
    match kind:
        case "thinking":
            return {"type": "thinking", "thinking": "", "signature": ""}
        case "text":
            return {"type": "text", "text": ""}
        case number:
            call = answer.calls[int(number)]
            return {"type": "tool_use", "id": _tool_id(call.id), "name": call.name, "input": {}}


def _deltas(kind: str, answer: Answer) -> Iterator[dict[str, Any]]:
    match kind:
        case "thinking":
            yield from ({"type": "thinking_delta", "thinking": piece} for piece in answer.reasoning)
            yield {"type": "signature_delta", "signature": _SIGNATURE}
        case "text":
            yield from ({"type": "text_delta", "text": piece} for piece in answer.text)
        case number:
            written = answer.calls[int(number)].arguments
            yield {"type": "input_json_delta", "partial_json": ""}
            if written != "{}":
                yield from ({"type": "input_json_delta", "partial_json": piece} for piece in split(written))


def _block(kind: str, answer: Answer) -> dict[str, Any]:
    match kind:
        case "thinking":
            return {"type": "thinking", "thinking": answer.thoughts, "signature": _SIGNATURE}
        case "text":
            return {"type": "text", "text": answer.content}
        case number:
            call = answer.calls[int(number)]
            return {**_opened(number, answer), "input": msgspec.json.decode(call.arguments)}


def _message(shape: Shape, content: list[dict[str, Any]], usage: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": shape.id,
        "type": "message",
        "role": "assistant",
        "model": shape.model,
        "content": content,
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }


def _stop(answer: Answer) -> dict[str, Any]:
    reason = "stop_sequence" if answer.stop_sequence else _STOP_REASONS.get(answer.finish, answer.finish)
    return {"stop_reason": reason, "stop_sequence": answer.stop_sequence}


def _tool_id(call_id: str) -> str:
    return "toolu_" + call_id.removeprefix("call_")


def _event(fields: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (fields["type"].encode(), msgspec.json.encode(fields))
