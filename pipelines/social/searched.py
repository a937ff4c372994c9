"""Posts that only who signs in is shown, as far as a web search knows them. Pure: what to search, what of it counts."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from pipelines.social.feeds import MAX_TEXT_CHARS, MAX_TITLE_CHARS, plain, web_address
from pipelines.social.values import Account, Network, Post
from pipelines.tools.web_search.port import WebResult

MOST_SEARCHED: Final = 2
"""Accounts of a company: each search costs."""

RESULTS: Final = 5

_WHERE: Final[dict[Network, tuple[str, str, str]]] = {
    "linkedin": ("linkedin.com", "linkedin.com/posts", "/posts/{}_"),
    "x": ("x.com", "x.com", "/{}/status/"),
    "facebook": ("facebook.com", "facebook.com", "/{}/posts/"),
    "tiktok": ("tiktok.com", "tiktok.com", "/{}/video/"),
    "threads": ("threads.com", "threads.com", "/{}/post/"),
}
"""Host, what is searched, and how addresses of an account's own posts begin. Of Instagram's none tells whose it is."""


def searchable(accounts: Sequence[Account]) -> list[Account]:
    """By how much they say about business: LinkedIn first."""
    known = [account for account in accounts if account.network in _WHERE]
    return sorted(known, key=lambda account: list(_WHERE).index(account.network))[:MOST_SEARCHED]


def query_of(account: Account) -> str:
    return f'site:{_WHERE[account.network][1]} "{account.handle.replace(chr(34), "")}"'


def posts_among(results: Sequence[WebResult], account: Account) -> list[Post]:
    """The account's own, which say no date."""
    host, _, begins = _WHERE[account.network]
    found = []
    for result in results[:RESULTS]:
        url = web_address(result.url)
        address = urlsplit(url or "")
        ours = (address.hostname or "").removeprefix("www.") == host
        if url and ours and address.path.lower().startswith(begins.format(account.handle.lower())):
            title, text = plain(result.title, MAX_TITLE_CHARS), plain(result.snippet, MAX_TEXT_CHARS)
            if title or text:
                found.append(Post(account.network, account.handle, url, title, text))
    return found
