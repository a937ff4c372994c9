"""The body of ``POST /v1/realtime/calls``: the offer alone, or a form of the offer and the session wanted."""

import asyncio
from typing import Any

import msgspec
from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from agent_server.realtime.session import MAX_SESSION_BYTES
from agent_server.web.errors import Problem
from agent_server.web.request_body import BODY_TIMEOUT_S, read_body
from agent_server.webrtc.offer import MAX_SDP_BYTES

MAX_PARTS = 8
_LIMITS = {"sdp": MAX_SDP_BYTES, "session": MAX_SESSION_BYTES}


async def read_offer_body(request: web.Request) -> tuple[str, dict[str, Any] | None]:
    """The SDP, and the session. Raises Problem."""
    match request.content_type:
        case "application/sdp":
            return _text(await read_body(request, max_bytes=MAX_SDP_BYTES), "sdp"), None
        case "multipart/form-data":
            return await _form(request)
    message = "Send the offer as application/sdp, or a form with 'sdp' and 'session'."
    raise Problem(415, "unsupported_media_type", message)


async def _form(request: web.Request) -> tuple[str, dict[str, Any] | None]:
    parts: dict[str, bytes] = {}
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            reader = await request.multipart()
            for _ in range(MAX_PARTS):
                part = await reader.next()
                if part is None:
                    break
                if isinstance(part, BodyPartReader) and part.name in _LIMITS:
                    parts[part.name] = await _read(part, part.name)
    except TimeoutError:
        raise Problem(408, "request_timeout", "The body took too long to arrive.") from None
    except (ValueError, HttpProcessingError):
        raise Problem(400, "unreadable_body", "The body is no form.") from None
    if "sdp" not in parts:
        raise Problem(400, "missing_required_parameter", "'sdp' is required.", param="sdp")
    return _text(parts["sdp"], "sdp"), _session(parts.get("session"))


async def _read(part: BodyPartReader, name: str) -> bytes:
    read = bytearray()
    while chunk := await part.read_chunk():
        read += chunk
        if len(read) > _LIMITS[name]:
            raise Problem(413, "body_too_large", f"'{name}' may have {_LIMITS[name]} bytes.", param=name)
    return bytes(read)


def _text(raw: bytes, name: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Problem(400, "unreadable_body", f"'{name}' is not UTF-8.", param=name) from None


def _session(raw: bytes | None) -> dict[str, Any] | None:
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Problem(400, "invalid_json", "'session' is not a JSON object.", param="session") from None
