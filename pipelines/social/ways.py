"""How an account is read without a login, if it can be. Pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal
from urllib.parse import quote

from msgspec import Struct

from pipelines.social import bluesky, github
from pipelines.social.feeds import feed_posts
from pipelines.social.values import Account, Network, Post

LOGIN: Final[frozenset[Network]] = frozenset({"linkedin", "x", "facebook", "instagram", "tiktok", "threads"})


class Bases(Struct, frozen=True):
    """Where the networks' own interfaces are."""

    bluesky: str = bluesky.BASE_URL
    github: str = github.BASE_URL


class Way(Struct, frozen=True):
    """``kind``: a page that robots.txt speaks of, or an interface made for programs."""

    url: str
    kind: Literal["page", "interface"]
    parse: Callable[[bytes, Account, datetime], list[Post] | None]


def way_to(account: Account, bases: Bases) -> Way | None:
    """None: there is none. A subreddit is not read either: what stands there is anybody's."""
    match account.network:
        case "feed":
            return Way(account.url, "page", _feed)
        case "mastodon":
            return Way(f"{account.url}.rss", "page", _feed)
        case "youtube":
            url = _youtube(account)
            return Way(url, "page", _feed) if url is not None else None
        case "reddit" if account.handle.startswith("u/"):
            return Way(f"https://www.reddit.com/user/{quote(account.handle[2:])}/submitted.rss", "page", _feed)
        case "bluesky":
            return Way(bluesky.address(account, bases.bluesky), "interface", _bluesky)
        case "github":
            return Way(github.address(account, bases.github), "interface", _github)
        case _:
            return None


def _youtube(account: Account) -> str | None:
    """Feeds go by channel; a ``@name`` has none that could be told from it."""
    kind, _, name = account.url.removeprefix("https://www.youtube.com/").partition("/")
    wanted = {"channel": "channel_id", "user": "user"}.get(kind)
    return f"https://www.youtube.com/feeds/videos.xml?{wanted}={quote(name)}" if wanted and name else None


def _feed(body: bytes, account: Account, now: datetime) -> list[Post] | None:
    return feed_posts(body, account, now=now)


def _bluesky(body: bytes, account: Account, now: datetime) -> list[Post] | None:
    return bluesky.bluesky_posts(body, account, now=now)


def _github(body: bytes, account: Account, now: datetime) -> list[Post] | None:
    return github.github_posts(body, account, now=now)
