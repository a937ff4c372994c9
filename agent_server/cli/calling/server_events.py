"""Messages of the server, decoded once."""

from base64 import b64decode
from typing import Any

import msgspec

from agent_server.cli.calling.caller_line import BYTES_PER_MS
from agent_server.cli.calling.replies import Event


class BrokenEventError(Exception):
    """A message that is no event of the protocol. Code ``protocol_error``; trying again does not help."""

    code = "protocol_error"


def decode(message: str | bytes) -> tuple[Event, bytes]:
    """An event and its sound. In audio deltas ``delta`` becomes the number of bytes, and ``audio_ms`` is added.

    Raises BrokenEventError.
    """
    try:
        event: Any = msgspec.json.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BrokenEventError(f"The server sent what is no JSON: {error}") from error
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise BrokenEventError("The server sent JSON that is no event: an object with a type is wanted.")
    if event["type"] != "response.output_audio.delta":
        return event, b""
    try:
        pcm = b64decode(event["delta"], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenEventError("The server sent audio that is not base64.") from error
    if len(pcm) % 2:
        raise BrokenEventError("The server sent half a sample of audio.")
    return {**event, "delta": len(pcm), "audio_ms": len(pcm) / BYTES_PER_MS}, pcm
