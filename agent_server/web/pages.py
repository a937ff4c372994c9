"""Serves the built web client: the console, the voice page, the widget and their assets."""

import re
from pathlib import Path

from aiohttp import hdrs, web

from agent_server.web.errors import Problem

DIST = Path(__file__).resolve().parents[2] / "web_client" / "dist"

_PAGES = {"/": "index.html", "/talk": "talk.html"}
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.\w+$")
"""Names the bundler makes from the content: such a file never changes."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}
"""What pages depend on is not left to the tables of the machine."""

_NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sales agent</title>
<style>body { font: 1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1.5rem }</style>
<h1>The server runs; its pages are not built yet</h1>
<p>Run <code>make install</code> in the project's root, then load this page again. The API works without them and is
documented at <a href="/api/docs">/api/docs</a>.</p>
</html>
"""


def routes(dist: Path = DIST) -> list[web.RouteDef]:
    """The routes of the web client built into ``dist``; it may be built while the server runs."""
    client = WebClient(dist)
    return [
        *(web.get(path, client.page) for path in _PAGES),
        web.get("/widget.js", client.widget),
        web.get("/assets/{path:.+}", client.asset),
    ]


class WebClient:
    """The files of one build."""

    def __init__(self, dist: Path) -> None:
        self._dist = dist
        self._assets = dist / "assets"

    async def page(self, request: web.Request) -> web.StreamResponse:
        file = self._dist / _PAGES[request.path]
        if not file.is_file():
            return web.Response(status=503, text=_NOT_BUILT, content_type="text/html")
        return _file(file, "no-cache")

    async def widget(self, _request: web.Request) -> web.StreamResponse:
        return _file(_existing(self._dist / "widget.js"), "public, max-age=300")

    async def asset(self, request: web.Request) -> web.StreamResponse:
        try:
            file = (self._assets / request.match_info["path"]).resolve()
            if not file.is_relative_to(self._assets.resolve()):
                raise web.HTTPNotFound
            caching = "public, max-age=31536000, immutable" if _HASHED.search(file.name) else "no-cache"
            return _file(_existing(file), caching)
        except (OSError, ValueError):  # a name that no file can have
            raise web.HTTPNotFound from None


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise Problem(404, "file_not_found", "There is no such file; `make install` builds the web client.")
    return file


def _file(file: Path, caching: str) -> web.FileResponse:
    headers = {hdrs.CACHE_CONTROL: caching}
    if file.suffix in _TYPES:
        headers[hdrs.CONTENT_TYPE] = _TYPES[file.suffix]
    return web.FileResponse(file, headers=headers)
