"""The accounts that a company's page names as its own. Pure: HTML in, accounts out.

Of several for one network that one is taken for which most speaks: it is named in the page's data about the company
(``sameAs``) or as ``rel=me``, it stands in header, footer or navigation, or it is called like the site. What stands in
a quotation, an embedded post or an article is somebody else's unless it is called so.
"""

import contextlib
import re
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import msgspec
from msgspec import Struct

from pipelines.social.networks import MAX_URL_CHARS, account_of, site_of
from pipelines.social.values import Account, Network

MAX_HTML_CHARS: Final = 1_000_000
MOST_TAGS: Final = 20_000
"""Ten times a long page's; what comes after them is not looked at."""

MOST_LINKS: Final = 2_000
MOST_FEEDS: Final = 2
MAX_DATA_CHARS: Final = 100_000
ENOUGH: Final = 1
"""Points from which an address counts as the company's own."""

_FEED_TYPES: Final = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})
_FEED_PATH: Final = re.compile(r"/(?:feed/?|rss/?|(?:rss|atom|feed|index)\.(?:xml|rss|atom))$", re.IGNORECASE)
_NEWS_PATH: Final = re.compile(
    r"/(?:[a-z]{2}/)?(?:blog|news|newsroom|press|insights|updates|stories)/?$", re.IGNORECASE
)
_NEWS_HOST: Final = re.compile(r"(?:blog|news|press)\.")
_COMMENTS: Final = re.compile(r"comment", re.IGNORECASE)
_FRAME_TAGS: Final = frozenset({"header", "footer", "nav"})
_QUOTED_TAGS: Final = frozenset({"blockquote", "article", "figure"})
_SOCIAL_CLASS: Final = re.compile(r"social|follow|footer|connect", re.IGNORECASE)
_SHARE_CLASS: Final = re.compile(r"\bshar(?:e|ing)|embed|tweet|testimonial|team|author", re.IGNORECASE)
_WORD: Final = re.compile(r"[^a-z0-9]+")
_VOID: Final = frozenset("area base br col embed hr img input link meta param source track wbr".split())
MAX_DEPTH: Final = 200


class _Link(Struct, frozen=True):
    url: str
    points: int
    is_own_profile: bool = False


class PageAccounts(Struct, frozen=True):
    """``news``: the site's page of news or blog, where a feed may be named that this page does not name."""

    accounts: list[Account]
    news: str | None = None


def find_accounts(html: str, page_url: str) -> list[Account]:
    return page_accounts(html, page_url).accounts


def page_accounts(html: str, page_url: str) -> PageAccounts:
    """One for each network and up to two feeds, in the order in which the page names them."""
    page = _Page(page_url)
    with contextlib.suppress(_EnoughError, AssertionError):  # the latter of a declaration the parser cannot make out
        page.feed(html[:MAX_HTML_CHARS])
    names = _names_of(page_url)
    best: dict[Network, tuple[int, Account]] = {}
    for link in page.links:
        account = account_of(link.url, is_own_profile=link.is_own_profile)
        if account is None:
            continue
        points = link.points + (2 if _is_called(account.handle, names) else 0)
        if points >= ENOUGH and points > best.get(account.network, (0, account))[0]:
            best[account.network] = (points, account)
    feeds = [Account("feed", site_of(url) or "", url) for url in page.feeds()]
    return PageAccounts([account for _, account in best.values()] + feeds, page.news)


def _names_of(page_url: str) -> frozenset[str]:
    """What a site may be called elsewhere: parts of its host that are long enough to tell something."""
    host = site_of(page_url) or ""
    parts = host.split(".")
    plain = {_WORD.sub("", part) for part in (parts[:-1] or parts)}
    return frozenset(part for part in plain if len(part) > 2 and part not in ("com", "org", "net", "gov"))


def _is_called(handle: str, names: frozenset[str]) -> bool:
    plain = _WORD.sub("", handle.lower())
    return any(name in plain or (len(plain) > 3 and plain in name) for name in names)


def _is_same(site: str | None, own: str | None) -> bool:
    """The same site, or one below it, such as ``blog.acme.example``."""
    return bool(site and own) and (site == own or str(site).endswith(f".{own}"))


class _EnoughError(Exception):
    pass


class _Page(HTMLParser):
    """Links with what speaks for each. Broken nesting costs points, and nothing else."""

    def __init__(self, page_url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[_Link] = []
        self.news: str | None = None
        self._base = page_url
        self._open: list[tuple[str, int]] = []
        self._alternates: list[str] = []
        self._named_feeds: list[str] = []
        self._data: list[str] | None = None
        self._tags = 0

    def feeds(self) -> list[str]:
        found = self._alternates or self._named_feeds
        return list(dict.fromkeys(found))[:MOST_FEEDS]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tags += 1
        if self._tags > MOST_TAGS:
            raise _EnoughError
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._anchor(given)
        elif tag == "link":
            self._alternate(given)
        elif tag == "base" and given.get("href"):
            self._base = urljoin(self._base, given["href"])
        elif tag == "script" and given.get("type", "").lower() == "application/ld+json":
            self._data = []
        if tag not in _VOID and len(self._open) < MAX_DEPTH:
            self._open.append((tag, _weight(tag, given)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._data is not None:
            self._same_as("".join(self._data))
            self._data = None
        for depth in range(len(self._open) - 1, max(-1, len(self._open) - 20), -1):
            if self._open[depth][0] == tag:
                del self._open[depth:]
                break

    def handle_data(self, data: str) -> None:
        if self._data is not None and sum(map(len, self._data)) < MAX_DATA_CHARS:
            self._data.append(data[:MAX_DATA_CHARS])

    def _anchor(self, given: dict[str, str]) -> None:
        url = self._absolute(given.get("href", ""))
        if url is None or len(self.links) >= MOST_LINKS:
            return
        is_own = "me" in given.get("rel", "").lower().split()
        weights = [weight for _, weight in self._open]
        weights.append(_weight("a", given))
        points = 1 + (3 if is_own else 0) + (2 if max(weights) > 0 else 0) + (2 * min(weights))
        self.links.append(_Link(url, points, is_own))
        path, is_same_site = urlsplit(url).path, _is_same(site_of(url), site_of(self._base))
        if is_same_site and _FEED_PATH.search(path) and not _COMMENTS.search(url):
            self._named_feeds.append(url)
        elif is_same_site and self.news is None and (_NEWS_PATH.match(path) or _NEWS_HOST.match(site_of(url) or "")):
            self.news = url

    def _alternate(self, given: dict[str, str]) -> None:
        rel, url = given.get("rel", "").lower().split(), self._absolute(given.get("href", ""))
        if url is None:
            return
        if "me" in rel:
            self.links.append(_Link(url, 4, True))
        comments = _COMMENTS.search(given.get("title", "")) or _COMMENTS.search(urlsplit(url).path)
        if "alternate" in rel and given.get("type", "").lower() in _FEED_TYPES and not comments:
            self._alternates.append(url)

    def _same_as(self, text: str) -> None:
        try:
            data = msgspec.json.decode(text.encode("utf-8", "replace"))
        except (msgspec.DecodeError, RecursionError):
            return
        self.links += [_Link(url, 5) for url in _same_as(data, 0)[:50]]

    def _absolute(self, href: str) -> str | None:
        if not href or len(href) > MAX_URL_CHARS:
            return None
        try:
            url = urljoin(self._base, href.strip())
        except ValueError:
            return None
        return url if url.startswith(("http://", "https://")) else None


def _weight(tag: str, given: dict[str, str]) -> int:
    """1: here a company names its own accounts · -1: here others are spoken of."""
    words = f"{given.get('class', '')} {given.get('id', '')}"
    if tag in _QUOTED_TAGS or _SHARE_CLASS.search(words):
        return -1
    return 1 if tag in _FRAME_TAGS or _SOCIAL_CLASS.search(words) else 0


_COMPANIES: Final = ("organization", "corporation", "business", "company", "store", "brand")


def _same_as(data: Any, depth: int) -> list[str]:
    """What data about a company, and not about a person or an article, says it is elsewhere."""
    if depth > 4:
        return []
    if isinstance(data, list):
        return [url for entry in data[:50] for url in _same_as(entry, depth + 1)]
    if not isinstance(data, dict):
        return []
    kind = str(data.get("@type", "")).lower()
    found: list[str] = []
    if any(word in kind for word in _COMPANIES):
        same = data.get("sameAs", [])
        found = [url for url in (same if isinstance(same, list) else [same]) if isinstance(url, str)]
    inner = (data.get("@graph"), data.get("publisher"), data.get("mainEntity"))
    return found + [url for entry in inner if entry for url in _same_as(entry, depth + 1)]
