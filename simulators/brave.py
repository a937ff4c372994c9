"""Brave Search: results that are made up from the query, or given."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from aiohttp import web

from simulators.delays import Constant, Distribution
from simulators.faults import Fault
from simulators.rest import Answer, Refused, RestDoor
from simulators.simulation import BaseUrls, Simulation

NAME = "brave"
PREFIX = "/brave"
MAX_QUERY_CHARS = 400
MAX_RESULTS = 20


class Brave:
    """The provider. ``pages`` are what every search finds; empty: one made up for the query."""

    delays: ClassVar[Mapping[str, Distribution]] = {f"{NAME}.answer_ms": Constant(0)}

    def __init__(self, simulation: Simulation) -> None:
        self.pages: list[dict[str, Any]] = []
        self._key = simulation.key(NAME)
        self._door = RestDoor(simulation, NAME, guard=self._guard, word=_in_words)

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {"BRAVE_API_KEY": self._key, "BRAVE_API_BASE": f"{urls.http}{PREFIX}"}

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.get(f"{PREFIX}/res/v1/web/search", self._door.handler(self._search))

    def _guard(self, request: web.Request) -> dict[str, str]:
        if request.headers.get("X-Subscription-Token") != self._key:
            raise Refused(422, _error(422, "SUBSCRIPTION_TOKEN_INVALID", "The provided subscription token is invalid."))
        return {"X-RateLimit-Limit": "20, 0", "X-RateLimit-Remaining": "19, 0"}

    def _search(self, request: web.Request, body: Any) -> Answer:
        query = request.query.get("q", "")
        count = request.query.get("count", "20")
        if not 0 < len(query) <= MAX_QUERY_CHARS or not count.isdigit() or not 0 < int(count) <= MAX_RESULTS:
            raise Refused(422, _error(422, "VALIDATION", "Unable to validate request parameter(s)"))
        made_up = {
            "type": "search_result",
            "title": f"About {query}",
            "url": "https://www.example.com/about",
            "description": f"What there is to know about <strong>{query}</strong> &amp; more.",
        }
        answer: dict[str, Any] = {"type": "search", "query": {"original": query}}
        if not query.startswith("unknown"):
            answer["web"] = {"type": "search", "results": (self.pages or [made_up])[: int(count)]}
        return Answer(answer)


def _error(status: int, code: str, detail: str) -> dict[str, Any]:
    return {"type": "ErrorResponse", "error": {"code": code, "detail": detail, "status": status}}


def _in_words(fault: Fault) -> Refused:
    if fault.kind == "rate_limit":
        return Refused(429, _error(429, "RATE_LIMITED", "Request rate limit exceeded for plan."))
    status = fault.status or 500
    return Refused(status, _error(status, "INTERNAL", "Something went wrong."))
