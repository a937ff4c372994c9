"""How Cartesia words a refusal, over HTTP and within a socket.

https://docs.cartesia.ai/use-the-api/api-errors: structured from version 2026-03-01 on, ``Title: Message`` before.
"""

from typing import Any
from uuid import uuid4

from aiohttp import web

from simulators.faults import Fault

STRUCTURED_SINCE = "2026-03-01"
_DOCS = {"model_not_found": "https://docs.cartesia.ai/build-with-cartesia/tts-models/latest"}


class CartesiaError(Exception):
    """A request that is refused."""

    def __init__(
        self, status: int, code: str | None, title: str, message: str, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.title = title
        self.message = message
        self.retry_after_s = retry_after_s


def invalid(message: str) -> CartesiaError:
    return CartesiaError(400, "invalid_request", "Invalid request", message)


def over_concurrency(retry_after_s: float | None = None) -> CartesiaError:
    message = "You have exceeded your plan's concurrency limit."
    return CartesiaError(429, "concurrency_limited", "Too many concurrent requests", message, retry_after_s)


def of_fault(fault: Fault) -> CartesiaError:
    """A fault in Cartesia's words."""
    if fault.kind == "rate_limit":
        return over_concurrency(fault.retry_after_s)
    status = fault.status or (503 if fault.kind == "refuse" else 500)
    message = "Something went wrong on our side."
    return CartesiaError(status, None, "Internal server error", message, fault.retry_after_s)


def http_error(error: CartesiaError, version: str) -> web.Response:
    headers = {} if error.retry_after_s is None else {"Retry-After": f"{error.retry_after_s:g}"}
    if version < STRUCTURED_SINCE:
        return web.Response(text=f"{error.title}: {error.message}", status=error.status, headers=headers)
    return web.json_response({**_described(error), "request_id": str(uuid4())}, status=error.status, headers=headers)


def error_event(error: CartesiaError, version: str, *, context_id: str | None = None) -> dict[str, Any]:
    """The ``error`` message of the text-to-speech socket and event stream."""
    event = {**stt_error_event(error, version), "done": True}
    return event if context_id is None else {**event, "context_id": context_id}


def stt_error_event(error: CartesiaError, version: str) -> dict[str, Any]:
    """The ``error`` message of the speech-to-text sockets."""
    event: dict[str, Any] = {"type": "error", "status_code": error.status}
    if version < STRUCTURED_SINCE:
        return {**event, "error": f"{error.title}: {error.message}"}
    return {**event, **_described(error), "request_id": str(uuid4())}


def _described(error: CartesiaError) -> dict[str, Any]:
    described = {"error_code": error.code, "title": error.title, "message": error.message}
    if error.code in _DOCS:
        described["doc_url"] = _DOCS[error.code]
    return described
