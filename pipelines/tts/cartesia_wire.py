"""Messages of Cartesia's text-to-speech socket, version 2026-08-14. Pure.

https://docs.cartesia.ai/api-reference/tts/websocket; field names as in cartesia 4.2, ``types.generation_request`` and
``types.websocket_response``.
"""

import re
from typing import Any

import msgspec
from msgspec import Struct

from pipelines.tts.port import TtsError, TtsOptions

VERSION = "2026-08-14"
_SPEEDS = (0.6, 1.5)
_CODE = re.compile(r"[\w.-]{1,64}")
_ERRORS = {
    400: "tts_bad_request",
    401: "tts_unauthorized",
    402: "tts_payment_required",
    403: "tts_forbidden",
    404: "tts_not_found",
    429: "tts_rate_limited",
}


class WordTimestamps(Struct):
    """Seconds from the start of the context's audio."""

    words: list[str] = []
    start: list[float] = []
    end: list[float] = []


class ServerMessage(Struct):
    """Any message of the server's. ``data``: audio, base64 on the wire."""

    type: str
    context_id: str | None = None
    data: bytes = b""
    word_timestamps: WordTimestamps | None = None
    status_code: int = 0
    error_code: str | None = None


class _Owner(Struct):
    context_id: str | None = None


_decode = msgspec.json.Decoder(ServerMessage).decode
_decode_owner = msgspec.json.Decoder(_Owner).decode


def read_message(text: bytes | str) -> ServerMessage | None:
    """None for what is no message. A broken message that names its context is an error of that context."""
    try:
        return _decode(text)
    except msgspec.MsgspecError:
        pass
    try:
        owner = _decode_owner(text).context_id
    except msgspec.MsgspecError:
        return None
    return None if owner is None else ServerMessage("error", owner, error_code="bad_message")


class Manner(Struct, frozen=True):
    """What all inputs of a context have in common; the vendor wants it repeated in each."""

    model: str
    voice: str
    sample_rate: int
    options: TtsOptions

    def inputs(self, context_id: str) -> "Inputs":
        fields: dict[str, Any] = {
            "context_id": context_id,
            "model_id": self.model,
            "voice": {"mode": "id", "id": self.options.voice or self.voice},
            "language": self.options.language.partition("-")[0],
            "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": self.sample_rate},
            "add_timestamps": True,
            # Whole clauses are sent: there is nothing to wait for.
            "max_buffer_delay_ms": 0,
        }
        if self.options.speed != 1.0:
            slowest, fastest = _SPEEDS
            fields["generation_config"] = {"speed": min(max(self.options.speed, slowest), fastest)}
        return Inputs(msgspec.json.encode(fields).decode()[:-1], context_id)


class Inputs(Struct, frozen=True):
    """Writes the messages of one context."""

    opening: str
    context_id: str

    def text(self, text: str, *, more: bool) -> str:
        """``more`` False: this is the last input."""
        quoted = msgspec.json.encode(text).decode()
        return f'{self.opening},"transcript":{quoted},"continue":{"true" if more else "false"}}}'

    def cancel(self) -> str:
        return msgspec.json.encode({"context_id": self.context_id, "cancel": True}).decode()


def refusal(status: int, code: str | None = None) -> TtsError:
    """What a refusal means, by HTTP status. The vendor's wording stays out: it may quote the text."""
    told = f" ({code})" if code and _CODE.fullmatch(code) else ""
    retryable = status == 429 or status >= 500 or status == 0
    name = _ERRORS.get(status, "tts_provider_error" if retryable else "tts_bad_request")
    return TtsError(name, f"cartesia answered {status}{told}", retryable=retryable)
