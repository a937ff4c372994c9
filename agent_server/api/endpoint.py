"""How an address of the API is declared: a typed function under its method and path.

    leads = Resource("leads", "People who may buy.")

    @leads.post("/api/leads", scope="write", summary="Add a lead", status=201)
    async def add_lead(call: Call, body: NewLead) -> Lead: ...

The parameters ``query`` and ``body`` and the return type are msgspec types. They are checked, decoded and encoded by
``serving`` and described by ``openapi``, each from this one declaration.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar, get_type_hints
from uuid import UUID

from aiohttp import web
from msgspec import Struct

from agent_server.services import Services
from agent_server.web.auth import Caller, Scope
from agent_server.web.errors import Problem

Method = Literal["GET", "POST", "PATCH", "PUT", "DELETE"]
Handler = Callable[..., Awaitable[Any]]
H = TypeVar("H", bound=Handler)

MAX_BODY_BYTES = 1024 * 1024
WEBSOCKET: Final = "application/websocket"
"""What is produced where the answer to a GET is a WebSocket."""

_PATH_PARAMETER = re.compile(r"\{(\w+)\}")


class Call(Struct, frozen=True):
    """One request, checked. ``caller`` is None at doors without key; ``address`` is what limits are counted by."""

    services: Services
    request: web.Request
    caller: Caller | None
    address: str

    def path(self, name: str) -> str:
        """A parameter of the path."""
        return self.request.match_info[name]

    def path_id(self, missing: Problem, name: str = "id") -> UUID:
        """A parameter of the path that is a UUID. Raises ``missing`` where it is none: nothing can have that name."""
        try:
            return UUID(self.path(name))
        except ValueError:
            raise missing from None

    @property
    def key_holder(self) -> Caller:
        """The caller at a door that takes a key."""
        assert self.caller is not None, "this door has no scope"
        return self.caller


class Endpoint(Struct, frozen=True, kw_only=True):
    """One method of one path. Without ``scope`` no key is asked for; without ``reply`` the answer is empty.

    ``produces`` other than JSON: the handler returns its own response. ``accepts``: types of a body the handler reads
    by itself. ``headers``: what those it looks at mean, by name. ``also_produces``: for who accepts it.
    """

    method: Method
    path: str
    handler: Handler
    tag: str
    summary: str
    description: str
    scope: Scope | None
    status: int
    query: type[Struct] | None
    body: type[Struct] | None
    reply: Any
    produces: str
    accepts: tuple[str, ...]
    max_body_bytes: int
    errors: tuple[int, ...]
    other_statuses: tuple[int, ...]
    headers: Mapping[str, str]
    also_produces: tuple[str, ...]
    status_of: Callable[[Any], int] | None

    @property
    def path_parameters(self) -> tuple[str, ...]:
        return tuple(_PATH_PARAMETER.findall(self.path))


class Resource:
    """The endpoints of one file; ``tag`` groups them in the documentation."""

    def __init__(self, tag: str, description: str) -> None:
        self.tag = tag
        self.description = description
        self._endpoints: list[Endpoint] = []

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self._endpoints)

    def get(self, path: str, **about: Any) -> Callable[[H], H]:
        return self._declare("GET", path, **about)

    def post(self, path: str, **about: Any) -> Callable[[H], H]:
        return self._declare("POST", path, **about)

    def patch(self, path: str, **about: Any) -> Callable[[H], H]:
        return self._declare("PATCH", path, **about)

    def put(self, path: str, **about: Any) -> Callable[[H], H]:
        return self._declare("PUT", path, **about)

    def delete(self, path: str, **about: Any) -> Callable[[H], H]:
        return self._declare("DELETE", path, **about)

    def _declare(
        self,
        method: Method,
        path: str,
        *,
        scope: Scope | None,
        summary: str,
        status: int = 200,
        produces: str = "application/json",
        accepts: tuple[str, ...] = (),
        max_body_bytes: int = MAX_BODY_BYTES,
        errors: tuple[int, ...] = (),
        other_statuses: tuple[int, ...] = (),
        headers: Mapping[str, str] = MappingProxyType({}),
        also_produces: tuple[str, ...] = (),
        status_of: Callable[[Any], int] | None = None,
    ) -> Callable[[H], H]:
        """``errors``: refusals beside those that follow from the declaration.

        ``status_of`` tells the status from the reply, ``status`` or one of ``other_statuses``.
        """

        def declare(handler: H) -> H:
            hints = get_type_hints(handler, include_extras=True)
            reply = hints.get("return")
            usual = 101 if produces == WEBSOCKET else status
            self._endpoints.append(
                Endpoint(
                    method=method,
                    path=path,
                    handler=handler,
                    tag=self.tag,
                    summary=summary,
                    description=inspect.getdoc(handler) or "",
                    scope=scope,
                    status=204 if reply is type(None) else usual,
                    query=hints.get("query"),
                    body=hints.get("body"),
                    reply=None if reply is type(None) or produces != "application/json" else reply,
                    produces=produces,
                    accepts=accepts,
                    max_body_bytes=max_body_bytes,
                    errors=errors,
                    other_statuses=other_statuses,
                    headers=headers,
                    also_produces=also_produces,
                    status_of=status_of,
                )
            )
            return handler

        return declare
