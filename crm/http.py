"""Requests and responses as values: what pure code builds and reads, and the adapter moves."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class Request(Struct, frozen=True):
    """One call. ``url`` is a path below the vendor's base until the client makes it absolute.

    ``group`` names the endpoint group that shares a rate limit. ``idempotent``: sending it twice leaves the vendor as
    sending it once, so that it may be sent again when nobody knows what became of the first.
    """

    method: Method
    url: str
    group: str
    idempotent: bool
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def __repr__(self) -> str:
        """Without query, headers and body: they hold customers' data and secrets."""
        return f"Request({self.method} {self.url.partition('?')[0]}, group={self.group})"


class Response(Struct, frozen=True):
    """An answer, read whole. Header names are lower case; of a repeated header the last value counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"


class Transport(Protocol):
    """Moves one request to the vendor and the answer back."""

    async def exchange(self, request: Request, *, timeout_s: float) -> Response:
        """Raises ProviderUnavailable, DeadlineExceeded and GiveUp; every HTTP status is an answer, not an error."""


def get(path: str, group: str, query: Mapping[str, object] | None = None) -> Request:
    """A read."""
    return Request(method="GET", url=with_query(path, query or {}), group=group, idempotent=True)


def send_json(method: Method, path: str, group: str, body: object, *, idempotent: bool) -> Request:
    """A request with a JSON body. Unset fields of a struct are left out, so that a partial update stays partial."""
    return Request(
        method=method,
        url=path,
        group=group,
        idempotent=idempotent,
        headers=(("content-type", "application/json"),),
        body=msgspec.json.encode(body),
    )


def send_form(path: str, group: str, form: Mapping[str, str], *, idempotent: bool) -> Request:
    """A POST with a form body (OAuth token endpoints)."""
    headers = (("content-type", "application/x-www-form-urlencoded"),)
    body = urlencode(form).encode()
    return Request(method="POST", url=path, group=group, idempotent=idempotent, headers=headers, body=body)


def delete(path: str, group: str) -> Request:
    """A deletion: repeating it finds nothing left to delete, which callers take as done."""
    return Request(method="DELETE", url=path, group=group, idempotent=True)


def with_query(path: str, query: Mapping[str, object]) -> str:
    """``path`` with the query's set values; lists become comma-separated, booleans lower case."""
    pairs = [(name, _query_value(value)) for name, value in query.items() if value is not None]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _query_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(str(item) for item in value)
    return str(value)


def is_html(response: Response) -> bool:
    """Whether the answer is a web page: a gateway, a maintenance page or a login wall, never the API."""
    content_type = response.headers.get("content-type", "")
    return "html" in content_type or response.body[:64].lstrip()[:1] == b"<"


def json_object(response: Response) -> dict[str, Any]:
    """The body as a JSON object. Raises msgspec.DecodeError (or its ValidationError) for anything else."""
    return msgspec.json.decode(response.body, type=dict[str, Any])


def members(body: Struct) -> dict[str, Any]:
    """The set members of a body struct: those left UNSET are not sent."""
    return {name: value for name, value in msgspec.structs.asdict(body).items() if value is not msgspec.UNSET}
