"""Refusals as clients see them: every door answers ``{"error": {...}}`` made from a ``Problem``."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

ErrorType = Literal["invalid_request_error", "authentication_error", "rate_limit_error", "server_error"]


class ErrorDetail(Struct, frozen=True):
    """What went wrong. ``param`` is the path of the field at fault; ``event_id`` belongs to the realtime protocol."""

    code: str
    message: str
    type: ErrorType = "invalid_request_error"
    param: str | None = None
    event_id: str | None = None


class ErrorBody(Struct, frozen=True):
    """The body of every answer that is not a success."""

    error: ErrorDetail


class Problem(Exception):  # noqa: N818 - a refusal is often nobody's error
    """Raise it anywhere below a request; the rim answers with ``status`` and a JSON body.

    ``code`` is stable snake_case. The message goes to the client: no secrets, no internals. ``retry_after_s`` becomes
    the header ``Retry-After``.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        type_: ErrorType | None = None,
        retry_after_s: float | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.type: ErrorType = type_ or _type_of(status)
        self.retry_after_s = retry_after_s
        self.headers = headers or {}

    def body(self) -> bytes:
        return msgspec.json.encode(ErrorBody(ErrorDetail(self.code, self.message, self.type, self.param)))

    def response_headers(self) -> dict[str, str]:
        """``headers``, with ``Retry-After`` in whole seconds, rounded up."""
        if self.retry_after_s is None:
            return self.headers
        return {**self.headers, "Retry-After": str(max(1, -int(-self.retry_after_s // 1)))}

    def __reduce__(self) -> tuple[Any, ...]:
        return Problem, (self.status, self.code, self.message)


def _type_of(status: int) -> ErrorType:
    """The protocol's classes: 401 and 403 count as invalid requests there."""
    if status == 429:
        return "rate_limit_error"
    return "server_error" if status >= 500 else "invalid_request_error"
