"""What an organisation published at GitHub lately, by its public events, which take no login. Pure.

A person's account answers nothing at this address, and is not read: what people do is theirs.
"""

from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from pipelines.social.feeds import MAX_TEXT_CHARS, MAX_TITLE_CHARS, moment, newest, plain, web_address
from pipelines.social.values import Account, Post

BASE_URL: Final = "https://api.github.com"


class _Release(Struct, frozen=True):
    html_url: str = ""
    name: str | None = None
    tag_name: str = ""
    body: str | None = None
    published_at: str | None = None
    draft: bool = False


class _Payload(Struct, frozen=True):
    release: _Release | None = None
    action: str | None = None


class _Repository(Struct, frozen=True):
    name: str = ""


class _Event(Struct, frozen=True):
    type: str = ""
    repo: _Repository = _Repository()
    payload: msgspec.Raw = msgspec.Raw(b"{}")
    created_at: str = ""


def address(account: Account, base_url: str = BASE_URL) -> str:
    return f"{base_url.rstrip('/')}/orgs/{account.handle}/events?per_page=100"


def github_posts(body: bytes, account: Account, *, now: datetime) -> list[Post] | None:
    """Releases, and repositories that became public; None: these are no events."""
    try:
        events = msgspec.json.decode(body, type=list[_Event])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    posts = [_post(event, account, now) for event in events[:100]]
    return newest([post for post in posts if post is not None])


def _post(event: _Event, account: Account, now: datetime) -> Post | None:
    repository = plain(event.repo.name, 100)
    if event.type == "PublicEvent":
        title = f"Published {repository}"
        return _made(account, f"https://github.com/{repository}", title, text="", when=event.created_at, now=now)
    if event.type != "ReleaseEvent":
        return None
    try:
        payload = msgspec.json.decode(event.payload, type=_Payload)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    release = payload.release
    if release is None or release.draft or payload.action not in (None, "published", "released"):
        return None
    name = plain(release.name or release.tag_name, 100)
    when = release.published_at or event.created_at
    return _made(account, release.html_url, f"Released {repository} {name}", text=release.body, when=when, now=now)


def _made(account: Account, url: str, title: str, *, text: Any, when: str, now: datetime) -> Post | None:
    address_ = web_address(url)
    if address_ is None or not address_.startswith("https://github.com/"):
        return None
    return Post(
        "github", account.handle, address_, title[:MAX_TITLE_CHARS], plain(text, MAX_TEXT_CHARS), moment(when, now)
    )
