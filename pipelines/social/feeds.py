"""Posts of RSS, Atom and JSON feeds. Synchronous: a thread's work.

The parser resolves no entities and mends what is cut off; of half a megabyte it makes entries within a tenth of a
second, whatever is in it.
"""

import html
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urljoin

from pipelines.social.values import Account, Post

MAX_BYTES: Final = 500_000
MOST_POSTS: Final = 20
MAX_TITLE_CHARS: Final = 200
MAX_TEXT_CHARS: Final = 1_000
MAX_URL_CHARS: Final = 500

_HIDDEN: Final = ("script", "style")
_TAG: Final = re.compile(r"<[^<>]{0,2000}>")


def load() -> None:
    """Have the parser imported (``pipelines.loading``)."""
    import fastfeedparser  # noqa: F401, PLC0415


def feed_posts(body: bytes, account: Account, *, now: datetime) -> list[Post] | None:
    """The newest first; None: it is no feed."""
    import fastfeedparser  # noqa: PLC0415 - half a second to import; ``load`` goes before

    try:
        feed = fastfeedparser.parse(body[:MAX_BYTES], include_tags=False, include_media=False, include_enclosures=False)
    except Exception:  # whatever a library makes of a stranger's bytes
        return None
    posts = [_post(entry, account, now) for entry in list(feed.get("entries", ()))[:200]]
    return newest([post for post in posts if post is not None])


def newest(posts: list[Post], most: int = MOST_POSTS) -> list[Post]:
    """Each address once; what has no date comes last."""
    once = list({post.url: post for post in reversed(posts)}.values())[::-1]
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(once, key=lambda post: post.published_at or oldest, reverse=True)[:most]


def plain(text: Any, most: int) -> str:
    """Words without markup and control characters."""
    if not isinstance(text, str):
        return ""
    seen = text[: most * 20]
    for tag in _HIDDEN:
        seen = _without(tag, seen)
    bare = html.unescape(_TAG.sub(" ", seen))
    return " ".join("".join(c if c.isprintable() else " " for c in bare).split())[:most]


def _without(tag: str, text: str) -> str:
    """What is not between such tags; in one pass, whatever is in it."""
    lower, kept, at = text.lower(), [], 0
    if len(lower) != len(text):  # a letter whose small form is longer
        return text
    while (begin := lower.find(f"<{tag}", at)) >= 0:
        kept.append(text[at:begin])
        end = lower.find(f"</{tag}", begin)
        at = lower.find(">", end) + 1 if end >= 0 else 0
        if at <= 0:
            return " ".join(kept)
    return " ".join([*kept, text[at:]])


def moment(text: Any, now: datetime) -> datetime | None:
    """None: unreadable, or not yet."""
    if not isinstance(text, str):
        return None
    with suppress(ValueError, OverflowError):
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        return found.astimezone(UTC) if found <= now + timedelta(days=1) else None
    return None


def web_address(url: Any) -> str | None:
    """None: none that anybody should open."""
    usual = isinstance(url, str) and len(url) <= MAX_URL_CHARS and url.isprintable() and " " not in url
    return url if usual and url.startswith(("https://", "http://")) else None


def _post(entry: Any, account: Account, now: datetime) -> Post | None:
    link = entry.get("link")
    url = web_address(urljoin(account.url, link.strip())) if isinstance(link, str) and link.strip() else None
    title = plain(entry.get("title"), MAX_TITLE_CHARS)
    contents = entry.get("content") or ()
    content = contents[0].get("value") if contents and isinstance(contents[0], dict) else None
    text = plain(entry.get("description"), MAX_TEXT_CHARS) or plain(content, MAX_TEXT_CHARS)
    if url is None or not (title or text):
        return None
    return Post(
        account.network,
        account.handle,
        url,
        title,
        text if text != title else "",
        moment(entry.get("published") or entry.get("updated"), now),
    )
