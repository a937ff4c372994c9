"""The core's actions as the protocol's server events.

Two spellings of one thing, as the protocol has it: content parts of responses say "audio" and "text", items say
"output_audio" and "output_text". Optional strings of items are left out rather than null, except the transcript of
input audio, which clients require to be present (agents-realtime checks both).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from pipelines.conversation import actions as act
from pipelines.conversation.items import Item
from pipelines.conversation.settings import AudioFormatName
from pipelines.llm.port import Usage
from pipelines.playbook.tools import HANDOFF_TO_PERSON
from pipelines.stt.port import Word

Event = dict[str, Any]

LEAST = 1e-6
"""A confidence of nothing has no logarithm."""


class AudioDeltaEvent(Struct, frozen=True, tag="response.output_audio.delta"):
    """The one event on the hot path; ``delta`` becomes base64 while encoding."""

    event_id: str
    response_id: str
    item_id: str
    output_index: int
    content_index: int
    delta: bytes


def wire_item(item: Item) -> Event:
    """An item as clients see it."""
    base: Event = {"id": item.id, "object": "realtime.item", "type": item.type, "status": item.status}
    if item.type == "function_call":
        return base | {"call_id": item.call_id, "name": item.name, "arguments": item.arguments}
    if item.type == "function_call_output":
        return base | {"call_id": item.call_id, "output": item.output}
    return base | {"role": item.role, "content": _content(item)}


def wire_response(response: act.Response, conversation_id: str) -> Event:
    done = response.status != "in_progress"
    return {
        "id": response.id,
        "object": "realtime.response",
        "status": response.status,
        "status_details": _status_details(response),
        "output": [wire_item(item) for item in response.output],
        "conversation_id": None if response.out_of_band else conversation_id,
        "output_modalities": [response.modality],
        "max_output_tokens": response.max_output_tokens or "inf",
        "audio": {"output": {"format": _wire_format(response.audio_format), "voice": response.voice}},
        "metadata": response.metadata,
        "usage": _usage(response.usage or Usage()) if done else None,
    }


def _wire_format(name: AudioFormatName) -> Event:
    return {"type": name, "rate": 24_000} if name == "audio/pcm" else {"type": name}


def render(action: act.Action, conversation_id: str) -> Iterator[Event]:
    """The events of one action, in order, without their ids. Audio deltas are not made here."""
    renderer = _RENDERERS.get(type(action))
    if renderer is not None:
        yield from renderer(action)
    elif isinstance(action, act.ResponseCreated):
        yield {"type": "response.created", "response": wire_response(action.response, conversation_id)}
    elif isinstance(action, act.ResponseDone):
        yield {"type": "response.done", "response": wire_response(action.response, conversation_id)}


def _content(item: Item) -> list[Event]:
    if item.parts:
        return [_part(part.kind, part.text) for part in item.parts]
    if item.status == "in_progress" and not item.sent:
        return []
    text = item.heard if _is_truncated(item) else item.sent
    return [_part("output_audio" if item.spoken else "output_text", text)]


def _part(kind: str, text: str | None) -> Event:
    if kind in ("input_audio", "output_audio"):
        return {"type": kind, "transcript": text}
    return {"type": kind, "text": text or ""}


def _is_truncated(item: Item) -> bool:
    return item.spoken and item.status == "incomplete" and len(item.heard) < len(item.sent)


def _status_details(response: act.Response) -> Event | None:
    if response.status in ("in_progress", "completed"):
        return None
    details: Event = {"type": response.status}
    if response.reason is not None and response.reason != "error":
        details["reason"] = response.reason
    if response.error_code is not None:
        details["error"] = {"type": "server_error", "code": response.error_code, "message": response.error_message}
    return details


def _usage(usage: Usage) -> Event:
    return {
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "input_token_details": {
            "text_tokens": usage.input_tokens,
            "audio_tokens": 0,
            "image_tokens": 0,
            "cached_tokens": usage.cached_tokens,
            "cached_tokens_details": {"text_tokens": usage.cached_tokens, "audio_tokens": 0, "image_tokens": 0},
        },
        "output_token_details": {"text_tokens": usage.output_tokens, "audio_tokens": 0},
    }


def _output_added(action: act.OutputItemAdded) -> Iterator[Event]:
    item = wire_item(action.item)
    if action.item.type == "message":
        item |= {"status": "in_progress", "content": []}
    place: Event = {"response_id": action.response_id, "output_index": action.output_index}
    yield {"type": "response.output_item.added", **place, "item": item}
    if not action.out_of_band:
        yield {"type": "conversation.item.added", "previous_item_id": action.previous_item_id, "item": item}
    if action.item.type == "message":
        part = {"type": "audio", "transcript": ""} if action.item.spoken else {"type": "text", "text": ""}
        ids = {**place, "item_id": action.item.id, "content_index": 0}
        yield {"type": "response.content_part.added", **ids, "part": part}


def _output_done(action: act.OutputItemDone) -> Iterator[Event]:
    item = action.item
    place: Event = {"response_id": action.response_id, "output_index": action.output_index}
    ids = {**place, "item_id": item.id, "content_index": 0}
    if item.type == "function_call":
        yield {
            "type": "response.function_call_arguments.done",
            **place,
            "item_id": item.id,
            "call_id": item.call_id,
            "name": item.name,
            "arguments": item.arguments,
        }
    elif item.spoken:
        yield {"type": "response.output_audio.done", **ids}
        yield {"type": "response.output_audio_transcript.done", **ids, "transcript": item.sent}
        yield {"type": "response.content_part.done", **ids, "part": {"type": "audio", "transcript": item.sent}}
    else:
        yield {"type": "response.output_text.done", **ids, "text": item.sent}
        yield {"type": "response.content_part.done", **ids, "part": {"type": "text", "text": item.sent}}
    shown = wire_item(item)
    if not action.out_of_band:
        yield {"type": "conversation.item.done", "previous_item_id": action.previous_item_id, "item": shown}
    yield {"type": "response.output_item.done", **place, "item": shown}


def _delta(kind: str) -> Callable[[Any], Iterator[Event]]:
    def render_delta(action: act.OutputTextDelta | act.OutputTranscriptDelta) -> Iterator[Event]:
        yield {
            "type": kind,
            "response_id": action.response_id,
            "item_id": action.item_id,
            "output_index": action.output_index,
            "content_index": 0,
            "delta": action.delta,
        }

    return render_delta


def _arguments_delta(action: act.OutputArgumentsDelta) -> Iterator[Event]:
    yield {
        "type": "response.function_call_arguments.delta",
        "response_id": action.response_id,
        "item_id": action.item_id,
        "output_index": action.output_index,
        "call_id": action.call_id,
        "delta": action.delta,
    }


def _refused(action: act.Refused) -> Iterator[Event]:
    yield error_event(action.code, action.message, param=action.param, cause=action.cause)


def error_event(
    code: str,
    message: str,
    *,
    param: str | None = None,
    cause: str | None = None,
    type_: str = "invalid_request_error",
) -> Event:
    """``cause`` is the client's own event id."""
    error = {"type": type_, "code": code, "message": message, "param": param, "event_id": cause}
    return {"type": "error", "error": error}


def _one(make: Callable[[Any], Event]) -> Callable[[Any], Iterator[Event]]:
    def render_one(action: act.Action) -> Iterator[Event]:
        yield make(action)

    return render_one


def _transcript_completed(action: act.TranscriptCompleted) -> Event:
    return {
        "type": "conversation.item.input_audio_transcription.completed",
        "item_id": action.item_id,
        "content_index": 0,
        "transcript": action.transcript,
        "usage": {"type": "duration", "seconds": round(action.audio_ms / 1000, 3)},
    }


def logprobs(words: Sequence[Word]) -> list[Event] | None:
    """How sure the recogniser is of each word, for clients that ask for it; None when it does not tell."""
    known = [(word.text, word.confidence) for word in words if word.confidence is not None]
    if not known or len(known) < len(words):
        return None
    return [
        {"token": text, "logprob": round(math.log(max(confidence, LEAST)), 4), "bytes": list(text.encode())}
        for text, confidence in known
    ]


def _transcription_failed(action: act.TranscriptionFailed) -> Event:
    return {
        "type": "conversation.item.input_audio_transcription.failed",
        "item_id": action.item_id,
        "content_index": 0,
        "error": {"type": "transcription_error", "code": action.code, "message": action.message},
    }


def _tool_ended(action: act.ToolEnded) -> Iterator[Event]:
    yield {
        "type": "sales_agent.tool.finished",
        "call_id": action.call_id,
        "name": action.name,
        "failed": action.failed,
        "latency_ms": round(action.latency_ms, 1),
    }
    if action.name == HANDOFF_TO_PERSON.name and not action.failed:
        yield {"type": "sales_agent.handoff", "call_id": action.call_id}


def _item_event(kind: str) -> Callable[[Any], Event]:
    return lambda action: {
        "type": kind,
        "previous_item_id": action.previous_item_id,
        "item": wire_item(action.item),
    }


_RENDERERS: dict[type[act.Action], Callable[[Any], Iterator[Event]]] = {
    act.SpeechStarted: _one(
        lambda a: {
            "type": "input_audio_buffer.speech_started",
            "item_id": a.item_id,
            "audio_start_ms": a.audio_start_ms,
        }
    ),
    act.RecordingChanged: _one(lambda a: {"type": "sales_agent.recording", "state": a.state}),
    act.SpeechStopped: _one(
        lambda a: {"type": "input_audio_buffer.speech_stopped", "item_id": a.item_id, "audio_end_ms": a.audio_end_ms}
    ),
    act.AudioCommitted: _one(
        lambda a: {
            "type": "input_audio_buffer.committed",
            "item_id": a.item_id,
            "previous_item_id": a.previous_item_id,
        }
    ),
    act.AudioCleared: _one(lambda a: {"type": "input_audio_buffer.cleared"}),
    act.IdleTimeout: _one(
        lambda a: {
            "type": "input_audio_buffer.timeout_triggered",
            "item_id": a.item_id,
            "audio_start_ms": a.audio_start_ms,
            "audio_end_ms": a.audio_end_ms,
        }
    ),
    act.ItemAdded: _one(_item_event("conversation.item.added")),
    act.ItemDone: _one(_item_event("conversation.item.done")),
    act.ItemRetrieved: _one(lambda a: {"type": "conversation.item.retrieved", "item": wire_item(a.item)}),
    act.ItemDeleted: _one(lambda a: {"type": "conversation.item.deleted", "item_id": a.item_id}),
    act.ItemTruncated: _one(
        lambda a: {
            "type": "conversation.item.truncated",
            "item_id": a.item_id,
            "content_index": a.content_index,
            "audio_end_ms": a.audio_end_ms,
        }
    ),
    act.TranscriptDelta: _one(
        lambda a: {
            "type": "conversation.item.input_audio_transcription.delta",
            "item_id": a.item_id,
            "content_index": 0,
            "delta": a.delta,
        }
    ),
    act.TranscriptCompleted: _one(_transcript_completed),
    act.TranscriptionFailed: _one(_transcription_failed),
    act.OutputItemAdded: _output_added,
    act.OutputItemDone: _output_done,
    act.OutputTextDelta: _delta("response.output_text.delta"),
    act.OutputTranscriptDelta: _delta("response.output_audio_transcript.delta"),
    act.OutputArgumentsDelta: _arguments_delta,
    act.PausePlayback: _one(lambda a: {"type": "sales_agent.playback.pause", "item_id": a.item_id}),
    act.StopPlayback: _one(lambda a: {"type": "sales_agent.playback.stop", "item_id": a.item_id}),
    act.OperatorChanged: _one(
        lambda a: {"type": "sales_agent.operator", "present": a.name is not None, "name": a.name}
    ),
    act.ResumePlayback: _one(lambda a: {"type": "sales_agent.playback.resume", "item_id": a.item_id}),
    act.ToolStarted: _one(lambda a: {"type": "sales_agent.tool.started", "call_id": a.call_id, "name": a.name}),
    act.ToolEnded: _tool_ended,
    act.TurnTimings: _one(
        lambda a: (
            {"type": "sales_agent.turn.timings"}
            | {
                field: round(value, 1) if isinstance(value, float) else value
                for field in a.__struct_fields__
                if (value := getattr(a, field)) is not None or field == "response_latency_ms"
            }
        )
    ),
    act.Refused: _refused,
}
