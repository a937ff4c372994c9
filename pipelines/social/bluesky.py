"""Posts of Bluesky's author feed (``app.bsky.feed.getAuthorFeed``), which takes no login. Pure."""

import html
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import msgspec
from msgspec import Struct

from pipelines.social.feeds import MAX_TEXT_CHARS, moment, newest, plain
from pipelines.social.values import Account, Post

BASE_URL: Final = "https://public.api.bsky.app"
LIMIT: Final = 20


class _Author(Struct, frozen=True):
    handle: str = ""


class _Record(Struct, frozen=True):
    text: str = ""
    createdAt: str = ""  # noqa: N815 - as it is sent


class _View(Struct, frozen=True):
    uri: str = ""
    author: _Author = _Author()
    record: _Record = _Record()


class _Item(Struct, frozen=True):
    """``reason``: why it is there, such as that somebody else's was passed on, or that it is pinned."""

    post: _View = _View()
    reply: Any = None
    reason: Any = None


class _Feed(Struct, frozen=True):
    feed: list[_Item]


def address(account: Account, base_url: str = BASE_URL) -> str:
    """``posts_no_replies``: talk with others is none of the company's own words."""
    actor = quote(account.handle, safe="")
    query = f"actor={actor}&limit={LIMIT}&filter=posts_no_replies"
    return f"{base_url.rstrip('/')}/xrpc/app.bsky.feed.getAuthorFeed?{query}"


def bluesky_posts(body: bytes, account: Account, *, now: datetime) -> list[Post] | None:
    """Without what was passed on and answers; None: it is no such feed."""
    try:
        items = msgspec.json.decode(body, type=_Feed).feed
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    posts = [_post(item, account, now) for item in items[:100] if not _is_others(item, account)]
    return newest([post for post in posts if post is not None])


def _is_others(item: _Item, account: Account) -> bool:
    passed_on = isinstance(item.reason, dict) and "reasonRepost" in str(item.reason.get("$type", ""))
    is_did = account.handle.startswith("did:")
    named = item.post.uri.startswith(f"at://{account.handle}/") if is_did else True
    same = is_did or item.post.author.handle.lower() == account.handle.lower()
    return passed_on or bool(item.reply) or not (named and same)


def _post(item: _Item, account: Account, now: datetime) -> Post | None:
    key = item.post.uri.rpartition("/")[2]
    text = plain(html.escape(item.post.record.text, quote=False), MAX_TEXT_CHARS)
    if not text or not key.isalnum() or len(key) > 64:
        return None
    url = f"https://bsky.app/profile/{account.handle}/post/{key}"
    return Post("bluesky", account.handle, url, "", text, moment(item.post.record.createdAt, now))
