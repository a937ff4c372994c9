"""``/api/openapi.json`` and ``/api/docs``: the documentation, generated, with nothing loaded from elsewhere."""

import asyncio
from functools import cache
from importlib import resources

from aiohttp import hdrs, web

from agent_server.api.registry import RESOURCES
from agent_server.version import program_version
from agent_server.web.openapi import document, encoded

_PACKAGE = "agent_server.api.docs_static"
_TYPES = {"docs.html": "text/html", "docs.css": "text/css", "docs.js": "text/javascript"}


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/openapi.json", get_openapi),
        web.get("/api/docs", get_docs),
        web.get("/api/docs/{file}", get_docs_file),
    ]


async def get_openapi(_request: web.Request) -> web.Response:
    body = await asyncio.to_thread(_openapi)  # made at the first request: too long a pause for whoever is talking
    return web.Response(body=body, content_type="application/json")


async def get_docs(_request: web.Request) -> web.Response:
    return _file("docs.html")


async def get_docs_file(request: web.Request) -> web.Response:
    name = request.match_info["file"]
    if name not in _TYPES or name == "docs.html":
        raise web.HTTPNotFound
    return _file(name)


def _file(name: str) -> web.Response:
    response = web.Response(text=_text(name), content_type=_TYPES[name], charset="utf-8")
    response.headers[hdrs.CACHE_CONTROL] = "no-cache"
    return response


@cache
def _text(name: str) -> str:
    return (resources.files(_PACKAGE) / name).read_text(encoding="utf-8")


@cache
def _openapi() -> bytes:
    return encoded(document(RESOURCES, version=program_version()))
