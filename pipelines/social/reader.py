"""Reads a company's website for its accounts, and of these what is public: a few requests, each with a deadline, a
bound and a name; robots.txt and requests to wait are heeded."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from msgspec import structs
from yarl import URL

from pipelines.loading import loaded
from pipelines.social import feeds
from pipelines.social.accounts import find_accounts, page_accounts
from pipelines.social.networks import company_of, site_of
from pipelines.social.robots import ALLOW_ALL, MAX_CHARS, Robots, parse_robots
from pipelines.social.searched import RESULTS, posts_among, query_of, searchable
from pipelines.social.values import Account, Post, Reading, State
from pipelines.social.ways import LOGIN, Bases, Way, way_to
from pipelines.tools.port import ToolError
from pipelines.tools.tech_stack.fetch import Bounds, Fetched, get
from pipelines.tools.tech_stack.guard import Guard
from pipelines.tools.web_search.port import WebSearch, WebSearchError
from storage.keys.secret_tokens import utc_now
from storage.shared.ttl_cache import TtlCache

READ_S: Final = 9.0
"""One company; what was read by then is what there is."""

REQUEST_S: Final = 4.0
MOST_READ: Final = 6
"""Accounts of a company, beside its start page."""

PAGE: Final = Bounds(timeout_s=REQUEST_S, max_bytes=1_000_000)
FEED: Final = Bounds(timeout_s=REQUEST_S, max_bytes=feeds.MAX_BYTES)
ANSWER: Final = Bounds(timeout_s=REQUEST_S, max_bytes=1_000_000, max_redirects=0)
ROBOTS: Final = Bounds(timeout_s=REQUEST_S, max_bytes=MAX_CHARS)
HEADERS: Final = {
    "User-Agent": "sales-agent/1.0 (reads a company's own posts once a day)",
    "Accept": "application/atom+xml, application/rss+xml, text/html;q=0.9, application/json;q=0.9, */*;q=0.5",
}

WAIT_S: Final = 900.0
"""Who asks to be left alone and does not say for how long."""

MOST_WAIT_S: Final = 86_400.0
MOST_HOSTS: Final = 1_000


class _NotReadError(Exception):
    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state: State = state


class SocialReader:
    """``guard``: what may be connected to. The networks' own interfaces are where the operator says. ``search``: asked
    for posts of accounts that only who signs in is shown."""

    def __init__(
        self,
        *,
        guard: Guard = Guard(),  # noqa: B008 - a value
        bases: Bases = Bases(),  # noqa: B008 - a value
        search: Callable[[], WebSearch | None] = lambda: None,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._guard = guard
        self._bases = bases
        self._search = search
        self._now = now
        self._clock = clock
        self._robots: TtlCache[str, Robots] = TtlCache(max_entries=MOST_HOSTS, ttl_s=86_400.0)
        self._wait_until_s: dict[str, float] = {}

    async def read(self, website: str) -> Reading:
        """Raises ToolError ``invalid_arguments``, ``address_not_allowed``."""
        site, company = site_of(website), company_of(website)
        if site is None or company is None:
            raise ToolError("invalid_arguments", "That is no web address.")
        ends_s = self._clock() + READ_S
        read_at = self._now()
        start = website.strip() if "://" in website else f"https://{website.strip()}"
        try:
            page = await self._ask(start, self._guard, PAGE, is_page=True)
        except _NotReadError as no:
            return Reading(company, read_at, (Account("website", site, start, no.state),))
        html = page.body.decode("utf-8", "replace")
        found = await asyncio.to_thread(page_accounts, html, page.url)
        accounts = found.accounts
        if found.news is not None and not any(account.network == "feed" for account in accounts):
            accounts = [*accounts, *await self._feeds_at(found.news)]
        read = await self._all(accounts, ends_s)
        posts = [post for _, said in read for post in said]
        own = Account("website", site, page.url, "read")
        return Reading(company, read_at, (own, *(account for account, _ in read)), tuple(feeds.newest(posts, 50)))

    async def _feeds_at(self, url: str) -> list[Account]:
        """Those that the page of news names; none when it cannot be read."""
        try:
            page = await self._ask(url, self._guard, PAGE, is_page=True)
        except (_NotReadError, ToolError):
            return []
        named = await asyncio.to_thread(find_accounts, page.body.decode("utf-8", "replace"), page.url)
        return [account for account in named if account.network == "feed"]

    async def _all(self, accounts: list[Account], ends_s: float) -> list[tuple[Account, list[Post]]]:
        """Side by side; what is not there in time is unavailable."""
        ways = [(account, way) for account in accounts if (way := way_to(account, self._bases)) is not None]
        tasks = {account: asyncio.create_task(self._posts(account, way)) for account, way in ways[:MOST_READ]}
        if (search := self._search()) is not None:
            logins = searchable(accounts)
            tasks |= {account: asyncio.create_task(self._searched(search, account)) for account in logins}
        try:
            if tasks:
                await asyncio.wait(tasks.values(), timeout=max(0.0, ends_s - self._clock()))
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        return [_read(account, tasks.get(account)) for account in accounts]

    async def _posts(self, account: Account, way: Way) -> list[Post]:
        if way.kind == "interface":
            port = URL(way.url).port or 443
            trusted = Guard(lambda _: True, frozenset({port}))
            got = await self._ask(way.url, trusted, ANSWER, is_page=False)
        else:
            got = await self._ask(way.url, self._guard, FEED, is_page=True)
            await loaded(feeds.load)
        posts = await asyncio.to_thread(way.parse, got.body, account, self._now())
        if posts is None:
            raise _NotReadError("unavailable")
        return posts

    async def _searched(self, search: WebSearch, account: Account) -> list[Post]:
        try:
            async with asyncio.timeout(REQUEST_S):
                return posts_among(await search.search(query_of(account), limit=RESULTS), account)
        except (WebSearchError, TimeoutError):
            return []

    async def _ask(self, url: str, guard: Guard, bounds: Bounds, *, is_page: bool) -> Fetched:
        host = _host(url)
        if self._wait_until_s.get(host, 0.0) > self._clock():
            raise _NotReadError("busy")
        try:
            got = await get(url, guard, headers=HEADERS, bounds=bounds, asks=self._allows if is_page else None)
        except ToolError as error:
            if error.code in ("invalid_arguments", "address_not_allowed"):
                raise
            raise _NotReadError("not_allowed" if error.code == "not_allowed" else "unavailable") from None
        if (wait_s := wait_of(got, self._now())) is not None:
            self._leave_alone(_host(got.url), wait_s)
            self._leave_alone(host, wait_s)
            raise _NotReadError("busy")
        if got.status != HTTPStatus.OK:
            raise _NotReadError(_STATES.get(got.status, "unavailable"))
        return got

    async def _allows(self, url: URL) -> bool:
        """By the site's robots.txt, read once a day. Without an answer nobody knows, and the site is unreachable."""
        origin = str(url.origin())
        known = self._robots.get(origin, self._clock())
        if known is None:
            got = await get(f"{origin}/robots.txt", self._guard, headers=HEADERS, bounds=ROBOTS)
            if got.status >= HTTPStatus.INTERNAL_SERVER_ERROR or got.status == HTTPStatus.TOO_MANY_REQUESTS:
                raise ToolError("site_unreachable", "The site did not answer.", retryable=True)
            known = parse_robots(got.body.decode("utf-8", "replace")) if got.status == HTTPStatus.OK else ALLOW_ALL
            self._robots.put(origin, known, self._clock())
        return known.allows(str(url))

    def _leave_alone(self, host: str, wait_s: float) -> None:
        now_s = self._clock()
        if len(self._wait_until_s) >= MOST_HOSTS:
            self._wait_until_s = {name: until for name, until in self._wait_until_s.items() if until > now_s}
        if len(self._wait_until_s) < MOST_HOSTS:
            self._wait_until_s[host] = now_s + wait_s


_STATES: Final[dict[int, State]] = {
    HTTPStatus.UNAUTHORIZED: "login",
    HTTPStatus.FORBIDDEN: "not_allowed",
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: "not_allowed",
    HTTPStatus.NOT_FOUND: "found",
    HTTPStatus.GONE: "found",
}
"""An account that has no feed is one all the same."""


def wait_of(got: Fetched, now: datetime) -> float | None:
    """For how many seconds nothing more is to be asked for; None: nobody says so."""
    spent = got.status == HTTPStatus.FORBIDDEN and got.headers.get("x-ratelimit-remaining") == "0"
    told = got.headers.get("retry-after", "").strip()
    paused = got.status == HTTPStatus.SERVICE_UNAVAILABLE and told
    if got.status != HTTPStatus.TOO_MANY_REQUESTS and not spent and not paused:
        return None
    wait_s = WAIT_S
    if told.isdigit() and len(told) < 10:
        wait_s = float(told)
    elif told:
        try:
            wait_s = (parsedate_to_datetime(told) - now).total_seconds()
        except (ValueError, TypeError):
            wait_s = WAIT_S
    return min(MOST_WAIT_S, max(1.0, wait_s))


def _read(account: Account, task: "asyncio.Task[list[Post]] | None") -> tuple[Account, list[Post]]:
    """What came of an account; ``task`` None: nothing was asked for."""
    state, posts = ("found", []) if task is None else _outcome(task)
    if account.network in LOGIN:
        state = "searched" if posts else "login"
    return structs.replace(account, state=state), posts


def _outcome(task: "asyncio.Task[list[Post]]") -> tuple[State, list[Post]]:
    if task.cancelled():
        return "unavailable", []
    error = task.exception()
    if error is None:
        return "read", task.result()
    if isinstance(error, _NotReadError):
        return error.state, []
    if isinstance(error, ToolError):
        return "not_allowed", []
    raise error


def _host(url: str) -> str:
    return (URL(url).host or "").lower()
