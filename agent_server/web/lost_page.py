"""What a person reads who opened an address where nothing is."""

from aiohttp import hdrs, web

from agent_server.web.errors import Problem

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>There is nothing at this address</title>
<style>body { font: 1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1.5rem }</style>
<h1>There is nothing at this address</h1>
<p><a href="/talk">Talk to the agent</a>, or go to the <a href="/">operator's console</a>. What programs may ask is at
<a href="/api/docs">/api/docs</a>.</p>
</html>
"""


_OF_PROGRAMS = ("/api/", "/v1/", "/webhooks/")
"""Errors are JSON there, whoever asks."""


def lost_page(request: web.Request, problem: Problem) -> web.Response | None:
    """None: a program asks, or there is something, which refuses."""
    asks_for_page = request.method in ("GET", "HEAD") and "text/html" in request.headers.get(hdrs.ACCEPT, "")
    if problem.code != "not_found" or not asks_for_page or request.path.startswith(_OF_PROGRAMS):
        return None
    return web.Response(status=problem.status, text=_PAGE, content_type="text/html", headers={hdrs.VARY: hdrs.ACCEPT})
