"""Serves declared endpoints: key, query and body are checked once, then the typed function is called."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from aiohttp import web
from msgspec import Struct

from agent_server.api.endpoint import Call, Endpoint
from agent_server.services import SERVICES
from agent_server.web.errors import Problem
from agent_server.web.problems import invalid_input
from agent_server.web.request_body import read_body

_JSON = "application/json"
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""In JSON. No text holds it, and PostgreSQL keeps none with it."""


def handler_of(endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler of an endpoint."""
    encoder = msgspec.json.Encoder()
    decoder = msgspec.json.Decoder(endpoint.body) if endpoint.body is not None else None

    async def handle(request: web.Request) -> web.StreamResponse:
        services = request.app[SERVICES]
        authenticator = services.authenticator
        caller = None if endpoint.scope is None else await authenticator.authenticate(request, endpoint.scope)
        for name, value in request.match_info.items():
            _check_text(name, value)
        arguments: dict[str, Any] = {}
        if endpoint.query is not None:
            arguments["query"] = decode_query(request, endpoint.query)
        if decoder is not None:
            arguments["body"] = await _decode_body(request, decoder, endpoint.max_body_bytes)
        call = Call(services, request, caller, authenticator.address_of(request))
        result = await endpoint.handler(call, **arguments)
        if isinstance(result, web.StreamResponse):
            return result
        if endpoint.reply is None:
            return web.Response(status=endpoint.status)
        status = endpoint.status if endpoint.status_of is None else endpoint.status_of(result)
        return web.Response(body=encoder.encode(result), status=status, content_type=_JSON)

    return handle


def decode_query(request: web.Request, kind: type[Struct]) -> Struct:
    """The query as a Struct. Raises Problem (400) for parameters that are unknown, repeated or wrong."""
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if name not in known:
            raise Problem(400, "unknown_parameter", f"'{name[:100]}' is not known here.", param=name[:100])
        if name in given:
            raise Problem(400, "invalid_value", f"'{name}' was given twice.", param=name)
        _check_text(name, value)
        given[name] = value
    try:
        decoded = msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid_input(error) from None
    for field in msgspec.structs.fields(kind):
        name = field.encode_name
        if name in given and getattr(decoded, field.name) is None:  # 'null', by a program that had nothing to filter by
            raise Problem(400, "invalid_value", f"'{name}' has no value; leave it out.", param=name)
    return decoded


def check_json_text(body: bytes) -> None:
    """Raises Problem (400) for a text with U+0000."""
    if _NUL.search(body):
        raise Problem(400, "invalid_value", "The body has a character that is not text.")


def _check_text(name: str, value: str) -> None:
    if "\0" in value:
        raise Problem(400, "invalid_value", f"'{name}' has a character that is not text.", param=name)


async def _decode_body(request: web.Request, decoder: msgspec.json.Decoder[Any], max_bytes: int) -> Any:
    """The body as a Struct; an empty one counts as ``{}``. Raises Problem (400, 408, 413 or 415)."""
    if request.content_type not in (_JSON, "application/octet-stream"):  # the latter also stands for none given
        message = "The body must be JSON, sent with 'Content-Type: application/json'; `curl --json` does it."
        raise Problem(415, "unsupported_media_type", message)
    body = await read_body(request, max_bytes=max_bytes) or b"{}"
    check_json_text(body)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise invalid_input(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Problem(400, "invalid_json", "The body is not valid JSON.") from None
