"""Headers every answer carries: what browsers may do with it, and which other sites may read it. Mostly pure."""

from aiohttp import hdrs, web

from agent_server.services import SERVICES
from agent_server.telemetry.logging import request_id
from agent_server.web.origins import OriginPolicy

REQUEST_ID_HEADER = "X-Request-Id"
SERVER_NAME = "sales-agent"
"""aiohttp would tell its version and Python's: which known holes to try is nobody's business."""

_SHARED_PREFIXES = ("/v1/", "/assets/")
_SHARED_PATHS = frozenset({"/widget.js", "/api/widget/session"})
"""What pages of other sites use: the realtime doors, the widget, its assets and its door."""

_CORS_HEADERS = "Authorization, Content-Type, X-OpenAI-Agents-SDK"
_CORS_METHODS = "GET, POST, OPTIONS"
_CORS_EXPOSED = "Location, Retry-After, X-Request-Id"
_CORS_MAX_AGE_S = "600"


def content_policy(policy: OriginPolicy) -> str:
    """The Content-Security-Policy of our pages: nothing from elsewhere, and frames on allowed sites alone."""
    frames = " ".join(["'self'", *sorted(policy.allowed)])
    return (
        "default-src 'self'; connect-src 'self' ws: wss:; media-src 'self' blob:; worker-src 'self' blob:; "
        "script-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
        f"base-uri 'none'; form-action 'self'; frame-ancestors {frames}"
    )


def is_shared(path: str) -> bool:
    """Whether pages of other, allowed origins may read this address."""
    return path in _SHARED_PATHS or path.startswith(_SHARED_PREFIXES)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """For ``on_response_prepare``: also answers of errors and of files pass here."""
    policy = request.app[SERVICES].origins
    headers = response.headers
    headers[hdrs.SERVER] = SERVER_NAME
    headers[REQUEST_ID_HEADER] = request_id.get() or ""
    headers[hdrs.X_CONTENT_TYPE_OPTIONS] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Resource-Policy"] = "cross-origin" if is_shared(request.path) else "same-origin"
    if response.content_type == "text/html":
        headers["Content-Security-Policy"] = content_policy(policy)
        headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()"
    if policy.public_origin is not None and policy.public_origin.startswith("https://"):
        headers[hdrs.STRICT_TRANSPORT_SECURITY] = "max-age=31536000"
    if request.path.startswith(("/api/", "/v1/")):
        headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    if is_shared(request.path):
        _share(request, response, policy)


def preflight(request: web.Request) -> web.Response | None:
    """The answer to a browser that asks before it calls from another site; None for every other request."""
    asks = request.method == hdrs.METH_OPTIONS and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
    if not asks or not is_shared(request.path):
        return None
    headers = {
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: _CORS_METHODS,
        hdrs.ACCESS_CONTROL_ALLOW_HEADERS: _CORS_HEADERS,
        hdrs.ACCESS_CONTROL_MAX_AGE: _CORS_MAX_AGE_S,
    }
    return web.Response(status=204, headers=headers)


def _share(request: web.Request, response: web.StreamResponse, policy: OriginPolicy) -> None:
    origin = request.headers.get(hdrs.ORIGIN)
    response.headers.add(hdrs.VARY, hdrs.ORIGIN)
    if origin is not None and policy.allows(origin, request.host):
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
        response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = _CORS_EXPOSED
