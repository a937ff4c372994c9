"""Events a client sends, decoded and checked in one step.

One Struct an event, told apart by ``type``. Unknown fields are ignored, as the protocol grows; wrong ones are an error
that names the field. Audio is decoded from base64 while parsing.
"""

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from agent_server.realtime.errors import ProtocolError

MAX_EVENT_BYTES = 4 * 1024 * 1024
"""A minute of audio, more than which is not taken at once. The protocol's own limit, 15 MiB of audio, is five."""

MAX_VALUES = 20_000
"""In one event. Audio is one long value; a hundred thousand small ones keep every other caller waiting."""

MAX_EVENT_ID = 512


class ClientEvent(Struct, frozen=True, kw_only=True):
    """Base: the client may name its event; errors about it carry that name."""

    event_id: str | None = None


class SessionUpdate(ClientEvent, frozen=True, tag="session.update"):
    session: dict[str, Any]


class InputAudioAppend(ClientEvent, frozen=True, tag="input_audio_buffer.append"):
    audio: bytes


class InputAudioCommit(ClientEvent, frozen=True, tag="input_audio_buffer.commit"):
    pass


class InputAudioClear(ClientEvent, frozen=True, tag="input_audio_buffer.clear"):
    pass


class OutputAudioClear(ClientEvent, frozen=True, tag="output_audio_buffer.clear"):
    pass


class ContentPart(Struct, frozen=True):
    """A part of a message as clients write it. ``image_url`` and ``detail`` are of ``input_image``."""

    type: Literal["input_text", "input_audio", "output_text", "output_audio", "text", "audio", "input_image"]
    text: str | None = None
    audio: bytes | None = None
    transcript: str | None = None
    image_url: str | None = None


class ItemInput(Struct, frozen=True):
    """An item as clients write it, or a reference to one that is there."""

    type: Literal["message", "function_call", "function_call_output", "item_reference"]
    id: str | None = None
    role: Literal["system", "user", "assistant"] | None = None
    content: list[ContentPart] | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None
    output: str | None = None


class ItemCreate(ClientEvent, frozen=True, tag="conversation.item.create"):
    item: ItemInput
    previous_item_id: str | None = None


class ItemRetrieve(ClientEvent, frozen=True, tag="conversation.item.retrieve"):
    item_id: str


class ItemTruncate(ClientEvent, frozen=True, tag="conversation.item.truncate"):
    item_id: str
    content_index: int
    audio_end_ms: int


class ItemDelete(ClientEvent, frozen=True, tag="conversation.item.delete"):
    item_id: str


Metadata = Annotated[
    dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=512)]], Meta(max_length=16)
]
"""As much as the protocol allows."""


class ResponseInput(Struct, frozen=True):
    """Overrides for one response. Absent fields take the session's value."""

    instructions: str | UnsetType | None = UNSET
    output_modalities: list[Literal["audio", "text"]] | UnsetType = UNSET
    audio: dict[str, Any] | UnsetType = UNSET
    tools: list[dict[str, Any]] | UnsetType | None = UNSET
    tool_choice: str | dict[str, Any] | UnsetType = UNSET
    parallel_tool_calls: bool | UnsetType | None = UNSET
    max_output_tokens: int | Literal["inf"] | UnsetType | None = UNSET
    reasoning: dict[str, Any] | UnsetType | None = UNSET
    prompt: dict[str, Any] | UnsetType | None = UNSET
    metadata: Metadata | None = None
    conversation: Literal["auto", "none"] | None = None
    input: list[ItemInput] | None = None


class ResponseCreate(ClientEvent, frozen=True, tag="response.create"):
    response: ResponseInput | None = None


class ResponseCancel(ClientEvent, frozen=True, tag="response.cancel"):
    response_id: str | None = None


class PlaybackReport(ClientEvent, frozen=True, tag="sales_agent.playback"):
    """How much of a reply the client has played; ``final``: it will play no more of it."""

    item_id: str
    audio_ms: float
    final: bool = False


class MessageDropped(ClientEvent, frozen=True, tag="sales_agent.message.dropped"):
    """Stands for a message that was too large to be read. Made at the door (``MessageGate``), not by clients."""

    bytes: Annotated[int, Meta(ge=0)]


AnyClientEvent = (
    SessionUpdate
    | InputAudioAppend
    | InputAudioCommit
    | InputAudioClear
    | OutputAudioClear
    | ItemCreate
    | ItemRetrieve
    | ItemTruncate
    | ItemDelete
    | ResponseCreate
    | ResponseCancel
    | PlaybackReport
    | MessageDropped
)

_decoder: msgspec.json.Decoder[AnyClientEvent] = msgspec.json.Decoder(AnyClientEvent)
_TYPES = {kind.__struct_config__.tag for kind in ClientEvent.__subclasses__()}
_PATH = re.compile(r" - at `\$\.?([^`]*)`$")


def decode(text: str) -> AnyClientEvent:
    """Decode one message. Raises ProtocolError."""
    if len(text) > MAX_VALUES and text.count(",") > MAX_VALUES:
        raise ProtocolError("event_too_large", f"An event has at most {MAX_VALUES} values.")
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError as error:
        raise _explain(text, error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProtocolError("invalid_json", "The message is not valid JSON.") from None


def event_id_of(text: str) -> str | None:
    """The ``event_id`` of a message that did not decode, if it has one."""
    try:
        event_id = msgspec.json.decode(text, type=_Named).event_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return event_id[:MAX_EVENT_ID] if isinstance(event_id, str) else None


class _Named(Struct):
    type: Any = None
    event_id: Any = None


def _explain(text: str, error: msgspec.ValidationError) -> ProtocolError:
    """Name what is wrong the way the protocol does: missing or unknown type, bad base64, bad or missing field."""
    message = str(error)
    found = _PATH.search(message)
    path = found.group(1) if found else ""
    try:
        kind = msgspec.json.decode(text, type=_Named).type
    except (msgspec.DecodeError, RecursionError):
        return ProtocolError("invalid_event", "An event is a JSON object with a type.")
    if not isinstance(kind, str):
        return ProtocolError("missing_required_parameter", "The event has no type.", param="type")
    if kind not in _TYPES:
        return ProtocolError("unknown_event_type", f"Unknown event type {kind[:100]!r}.", param="type")
    if "base64" in message:
        return ProtocolError("invalid_base64", "The audio is not valid base64.", param=path or "audio")
    if missing := re.search(r"missing required field `(\w+)`", message):
        param = f"{path}.{missing.group(1)}" if path else missing.group(1)
        return ProtocolError("missing_required_parameter", f"Missing required field {param!r}.", param=param)
    return ProtocolError("invalid_value", _PATH.sub("", message) + ".", param=path or None)
