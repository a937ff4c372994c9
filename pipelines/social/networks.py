"""Whose account an address is. Pure: an address in, an account or none out.

Share buttons, single posts, embedded players, searches and people's own profiles are no account of a company.
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from pipelines.social.values import Account, Network

MAX_URL_CHARS: Final = 500

MASTODON_HOSTS: Final = frozenset(
    """mastodon.social mastodon.online fosstodon.org hachyderm.io mstdn.social mas.to techhub.social infosec.exchange
    chaos.social social.vivaldi.net floss.social indieweb.social mastodon.world""".split()
)
"""Elsewhere an address of this form is one of Mastodon only where a page says ``rel=me``."""

_NOBODY: Final = frozenset(
    """about accounts ads apps blog business careers contact dialog directory download enterprise events explore
    features groups hashtag help home i intent jobs legal login logout marketplace marketing media messages
    notifications oauth p photo pages people permalink.php plugins policies policy press pricing privacy public reel
    reels search security settings share share.php sharearticle sharer sharer.php shorts signin signup site sponsors
    stories status story.php submit support terms topics tos tr trending tv video videos watch web widgets""".split()
)
"""First parts of paths that networks keep for themselves."""

_X: Final = re.compile(r"\w{1,15}", re.ASCII)
_NAME: Final = re.compile(r"[\w.-]{1,60}", re.ASCII)
_SLUG: Final = re.compile(r"[\w.%&'-]{1,100}")
_CHANNEL: Final = re.compile(r"UC[\w-]{22}", re.ASCII)
_GITHUB: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
_BLUESKY: Final = re.compile(r"(?:did:[a-z]+:[A-Za-z0-9._:%-]{1,100}|(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,20})")

Reader = Callable[[list[str], SplitResult], tuple[str, str] | None]
"""Parts of a path to handle and canonical address."""


def account_of(url: str, *, is_own_profile: bool = False) -> Account | None:
    """``is_own_profile``: the page says ``rel=me``. None: it is nobody's account."""
    if len(url) > MAX_URL_CHARS:
        return None
    try:
        address = urlsplit(url.strip())
        host = (address.hostname or "").lower()
    except ValueError:
        return None
    if address.scheme not in ("http", "https") or not host:
        return None
    parts = [unquote(part) for part in address.path.split("/") if part]
    for names, network, read in _NETWORKS:
        if host in names or any(host.endswith(f".{name}") for name in names):
            if host.split(".", 1)[0] in _OTHER_HOSTS:
                return None
            found = read(parts, address)
            return Account(network, *found) if found is not None else None
    if host in MASTODON_HOSTS or is_own_profile:
        found = _mastodon(parts, host)
        return Account("mastodon", *found) if found is not None else None
    return None


_OTHER_HOSTS: Final = frozenset(
    {"gist", "raw", "docs", "developers", "developer", "business", "help", "support", "ads"}
)


def _linkedin(parts: list[str], _: SplitResult) -> tuple[str, str] | None:
    """Of companies and schools alone: people's profiles are theirs."""
    if len(parts) < 2 or parts[0].lower() not in ("company", "school", "showcase") or not _SLUG.fullmatch(parts[1]):
        return None
    kind = parts[0].lower()
    return parts[1], f"https://www.linkedin.com/{kind}/{parts[1]}/"


def _x(parts: list[str], _: SplitResult) -> tuple[str, str] | None:
    name = parts[0].removeprefix("@") if len(parts) == 1 else ""
    return (name, f"https://x.com/{name}") if _free(name) and _X.fullmatch(name) else None


def _facebook(parts: list[str], _: SplitResult) -> tuple[str, str] | None:
    if len(parts) == 3 and parts[0].lower() == "pages" and _SLUG.fullmatch(parts[1]) and parts[2].isdigit():
        return parts[1], f"https://www.facebook.com/pages/{parts[1]}/{parts[2]}"
    name = parts[0] if len(parts) == 1 else ""
    usual = _free(name) and _NAME.fullmatch(name) and not name.endswith(".php")
    return (name, f"https://www.facebook.com/{name}") if usual else None


def _instagram(parts: list[str], _: SplitResult) -> tuple[str, str] | None:
    name = parts[0].removeprefix("@") if len(parts) == 1 else ""
    return (name, f"https://www.instagram.com/{name}/") if _free(name) and _NAME.fullmatch(name) else None


def _youtube(parts: list[str], _: SplitResult) -> tuple[str, str] | None:
    if parts and parts[0].startswith("@") and _SLUG.fullmatch(parts[0][1:]):
        return parts[0], f"https://www.youtube.com/{parts[0]}"
    if len(parts) < 2:
        return None
    kind, name = parts[0].lower(), parts[1]
    if kind == "channel":
        return (name, f"https://www.youtube.com/channel/{name}") if _CHANNEL.fullmatch(name) else None
    usual = kind in ("user", "c") and _NAME.fullmatch(name)
    return (name, f"https://www.youtube.com/{kind}/{name}") if usual else None


def _at_name(root: str) -> Reader:
    def read(parts: list[str], _: SplitResult) -> tuple[str, str] | None:
        name = parts[0] if len(parts) == 1 else ""
        return (name, f"{root}{name}") if name.startswith("@") and _NAME.fullmatch(name[1:]) else None

    return read


def _github(parts: list[str], _: SplitResult) -> tuple[str, str] | None:
    """A repository's address names its owner."""
    if len(parts) > 1 and parts[0].lower() == "orgs":
        parts = parts[1:2]
    name = parts[0] if parts else ""
    return (name, f"https://github.com/{name}") if _free(name) and _GITHUB.fullmatch(name) else None


def _bluesky(parts: list[str], _: SplitResult) -> tuple[str, str] | None:
    if len(parts) != 2 or parts[0] != "profile" or not _BLUESKY.fullmatch(parts[1].removeprefix("@")):
        return None
    name = parts[1].removeprefix("@")
    return name, f"https://bsky.app/profile/{name}"


def _reddit(parts: list[str], _: SplitResult) -> tuple[str, str] | None:
    """A subreddit, or the company's own name there; not a thread."""
    if len(parts) != 2 or parts[0].lower() not in ("r", "user", "u") or not _NAME.fullmatch(parts[1]):
        return None
    kind = "r" if parts[0].lower() == "r" else "user"
    return f"{kind[0]}/{parts[1]}", f"https://www.reddit.com/{kind}/{parts[1]}/"


def _mastodon(parts: list[str], host: str) -> tuple[str, str] | None:
    name = parts[0][1:] if len(parts) == 1 and parts[0].startswith("@") else ""
    if len(parts) == 2 and parts[0] == "users":
        name = parts[1]
    return (f"@{name}@{host}", f"https://{host}/@{name}") if name and _NAME.fullmatch(name) else None


def _free(name: str) -> bool:
    return bool(name) and name.lower() not in _NOBODY


_NETWORKS: Final[tuple[tuple[frozenset[str], Network, Reader], ...]] = (
    (frozenset({"linkedin.com"}), "linkedin", _linkedin),
    (frozenset({"x.com", "twitter.com"}), "x", _x),
    (frozenset({"facebook.com", "fb.com"}), "facebook", _facebook),
    (frozenset({"instagram.com"}), "instagram", _instagram),
    (frozenset({"youtube.com"}), "youtube", _youtube),
    (frozenset({"tiktok.com"}), "tiktok", _at_name("https://www.tiktok.com/")),
    (frozenset({"threads.net", "threads.com"}), "threads", _at_name("https://www.threads.com/")),
    (frozenset({"github.com"}), "github", _github),
    (frozenset({"bsky.app"}), "bluesky", _bluesky),
    (frozenset({"reddit.com"}), "reddit", _reddit),
)


def company_of(website: str) -> str | None:
    """By what a company is known: its site, and where on it, since some are home to many; None: it is none."""
    site, text = site_of(website), website.strip()
    if site is None:
        return None
    return site + urlsplit(text if "://" in text else f"https://{text}").path.rstrip("/")


def site_of(address: str) -> str | None:
    """The host of a website without ``www.``; None: it is none."""
    text = address.strip()
    try:
        host = urlsplit(text if "://" in text else f"https://{text}").hostname or ""
    except ValueError:
        return None
    host = host.lower().rstrip(".").removeprefix("www.")
    return host if "." in host and len(host) <= 253 else None
