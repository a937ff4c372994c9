"""A company's website with its accounts and a blog, and what Bluesky's public interface says of it."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from xml.sax.saxutils import escape

from aiohttp import web
from msgspec import Struct

from simulators.delays import Constant, Distribution
from simulators.faults import Fault
from simulators.flow import Flow
from simulators.rest import HTML, Answer, Refused, RestDoor
from simulators.simulation import BaseUrls, Simulation

SITE = "company-site"
BLUESKY = "bluesky"
PREFIX = "/company"
HANDLE = "acme.example"


class SitePost(Struct, frozen=True):
    """``days_ago``: when it was published."""

    title: str
    text: str
    days_ago: float


class SiteOptions(Struct, frozen=True):
    """``padding_bytes`` are added to page and feed: what a huge one looks like. ``robots`` None: there is no such
    file. ``names_feed``: whether the home page names the feed, or only the page of news does."""

    padding_bytes: int = 0
    names_feed: bool = True
    robots: str | None = "User-agent: *\nDisallow: /company/private/\n"
    posts: tuple[SitePost, ...] = (
        SitePost("Acme opens an office in Oslo", "From next month on we answer you from Norway, too.", 3),
        SitePost("Widgets 2 is here", "Half the weight, twice the battery.", 40),
        SitePost("Our summer party", "There was cake.", 130),
    )
    said: tuple[SitePost, ...] = (SitePost("", "We are hiring forty engineers in Oslo.", 1),)


class CompanySite:
    """Home page at ``/company/``, its Atom feed beside it, robots.txt at the root, Bluesky below ``/bluesky``."""

    delays: ClassVar[Mapping[str, Distribution]] = {
        f"{SITE}.answer_ms": Constant(0),
        f"{BLUESKY}.answer_ms": Constant(0),
    }

    def __init__(self, simulation: Simulation, clock: Callable[[], float] = time.time) -> None:
        self.options = SiteOptions()
        self._simulation = simulation
        self._clock = clock
        self._bluesky = RestDoor(simulation, BLUESKY, guard=lambda _: {}, word=_in_words)

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {"BLUESKY_API_BASE": f"{urls.http}/{BLUESKY}"}

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.get("/robots.txt", self._robots)
        yield web.get(f"{PREFIX}/", self._home)
        yield web.get("/news/", self._news)
        yield web.get(f"{PREFIX}/news/atom.xml", self._feed)
        feed = f"/{BLUESKY}/xrpc/app.bsky.feed.getAuthorFeed"
        yield web.get(feed, self._bluesky.handler(self._author_feed))

    async def _robots(self, _: web.Request) -> web.Response:
        if self.options.robots is None:
            raise web.HTTPNotFound
        return web.Response(text=self.options.robots)

    async def _home(self, request: web.Request) -> web.StreamResponse:
        home = _HOME if self.options.names_feed else _HOME.replace(_FEED, "")
        return await self._answer(request, home, "text/html", f"<!--{'x' * self.options.padding_bytes}-->")

    async def _news(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, f"<head>{_FEED}</head><h1>News</h1>", "text/html", "")

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        entries = "".join(
            f"<entry><title>{escape(post.title)}</title><link href='{PREFIX}/news/{number}'/><id>urn:post:{number}</id>"
            f"<published>{self._at(post).isoformat()}</published><summary>{escape(post.text)}</summary></entry>"
            for number, post in enumerate(self.options.posts)
        )
        head = (
            "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'><title>Acme News</title>"
        )
        padding = f"<!--{'x' * self.options.padding_bytes}-->"
        return await self._answer(request, f"{head}{entries}", "application/atom+xml", f"{padding}</feed>")

    async def _answer(self, request: web.Request, text: str, kind: str, end: str) -> web.StreamResponse:
        """With the faults that may strike: before it, instead of it, and in its middle."""
        simulation = self._simulation
        seen = simulation.seen[SITE]
        seen.count("requests")
        seen.requests.append(
            {"method": request.method, "path": request.path, "agent": request.headers.get("User-Agent")}
        )
        flow = Flow(simulation, SITE, request)
        await simulation.clock.sleep_ms(simulation.delays.draw(SITE, "answer_ms"))
        for moment in ("connect", "accepted", "first"):
            fault = await flow.reach(moment)
            if fault is not None:
                headers = {} if fault.retry_after_s is None else {"Retry-After": f"{fault.retry_after_s:.0f}"}
                return web.Response(status=429 if fault.kind == "rate_limit" else fault.status or 500, headers=headers)
        if flow.garbled:
            return web.Response(text=HTML, content_type="text/html")
        response = web.StreamResponse(headers={"Content-Type": f"{kind}; charset=utf-8"})
        await response.prepare(request)
        body = f"{text}{end}".encode()
        for start in range(0, len(body), 16_384):
            await flow.pace()
            await response.write(body[start : start + 16_384])
        await response.write_eof()
        return response

    def _author_feed(self, request: web.Request, _: Any) -> Answer:
        if request.query.get("actor") != HANDLE:
            raise Refused(400, {"error": "InvalidRequest", "message": "Profile not found"})
        feed = [
            {
                "post": {
                    "uri": f"at://did:plc:simulated/app.bsky.feed.post/3k{number}",
                    "author": {"did": "did:plc:simulated", "handle": HANDLE},
                    "record": {
                        "$type": "app.bsky.feed.post",
                        "text": post.text,
                        "createdAt": self._at(post).isoformat(),
                    },
                }
            }
            for number, post in enumerate(self.options.said)
        ]
        return Answer({"feed": feed})

    def _at(self, post: SitePost) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC) - timedelta(days=post.days_ago)


_FEED = f'<link rel="alternate" type="application/atom+xml" title="News" href="{PREFIX}/news/atom.xml">'
_HOME = f"""<!doctype html><html><head><title>Acme</title>{_FEED}</head><body>
<p>Widgets for everybody. <a href="/news/">News</a></p><div class="share"><a href="https://x.com/intent/tweet?text=Acme">Share</a></div>
<footer><a href="https://www.linkedin.com/company/acme">LinkedIn</a> <a href="https://x.com/acme">X</a>
<a href="https://bsky.app/profile/{HANDLE}">Bluesky</a></footer></body></html>"""


def _in_words(fault: Fault) -> Refused:
    if fault.kind == "rate_limit":
        headers = {} if fault.retry_after_s is None else {"Retry-After": f"{fault.retry_after_s:.0f}"}
        return Refused(429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, headers)
    return Refused(fault.status or 500, {"error": "InternalServerError", "message": "Internal Server Error"})
