"""Around every request: its id, figures and log line outside, the mapping of errors to answers inside."""

import asyncio
import logging
import re
import secrets
import time
import traceback

from aiohttp import web
from aiohttp.typedefs import Handler

from agent_server.telemetry.logging import request_id
from agent_server.telemetry.metrics import REQUEST_SECONDS, REQUESTS, REQUESTS_OPEN
from agent_server.web.errors import Problem
from agent_server.web.http_headers import REQUEST_ID_HEADER, preflight
from agent_server.web.lost_page import lost_page
from agent_server.web.problems import problem_of
from storage.errors import StorageError

log = logging.getLogger(__name__)
access_log = logging.getLogger("agent_server.access")

CLIENT_LEFT = 499
"""As nginx counts a client that did not wait for its answer."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET_ROUTES = frozenset({"/api/health", "/api/live", "/metrics", "/assets/{path}"})
_PRIVATE = frozenset({"number", "token", "ticket"})
"""Parameters of paths that are a customer's or open something."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request its id, count it, and write its line: never its query, its headers or its body."""
    given = request.headers.get(REQUEST_ID_HEADER, "")
    request_id.set(given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8))
    started_s = time.perf_counter()
    status = CLIENT_LEFT
    REQUESTS_OPEN.inc()
    try:
        response = await handler(request)
        status = response.status
        return response
    finally:
        REQUESTS_OPEN.dec()
        _note(request, status, time.perf_counter() - started_s)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever is raised below becomes an answer with a JSON body; who looks for a page that is not there reads one."""
    try:
        return preflight(request) or await handler(request)
    except asyncio.CancelledError:
        raise
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _answer(request, error)
    except Exception as error:
        return _answer(request, error)


def _answer(request: web.Request, error: Exception) -> web.Response:
    if request.transport is None and isinstance(error, ConnectionError):
        raise error  # the client left before it had sent all: nobody's error, and nobody to answer
    problem = problem_of(error) or _unexpected(error)
    if request.transport is None or request.writer.output_size > 0:
        raise error  # the answer has begun: all that is left is to cut the line
    if problem.status >= 500:
        about = {"query": error.query, "why": str(error)} if isinstance(error, StorageError) else {}
        log.warning("refused: %s", problem.code, extra={"fields": {"status": problem.status, **about}})
    return lost_page(request, problem) or web.Response(
        status=problem.status,
        body=problem.body(),
        content_type="application/json",
        headers=problem.response_headers(),
    )


def _unexpected(error: Exception) -> Problem:
    """A bug. Its own words may quote a customer, so only the kind and the places are logged."""
    places = [f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("unexpected %s in %s", type(error).__name__, " > ".join(places[-8:]))
    log.debug("unexpected error in full", exc_info=error)
    return Problem(500, "internal_error", f"The server made an error. It is logged under the id {request_id.get()}.")


def _note(request: web.Request, status: int, seconds: float) -> None:
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else "unmatched"
    method = request.method if request.method in _METHODS else "other"
    REQUESTS.labels(method, route, str(status)).inc()
    if status != 101:
        REQUEST_SECONDS.labels(method, route).observe(seconds)
    level = logging.DEBUG if route in _QUIET_ROUTES and status < 400 else logging.INFO
    fields = {"status": status, "ms": round(seconds * 1000, 1)}
    path = route if _PRIVATE & request.match_info.keys() else request.rel_url.raw_path
    access_log.log(level, "%s %s", request.method, path, extra={"fields": fields})
