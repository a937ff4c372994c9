"""What is known of a company's accounts and posts. Values alone."""

from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

Network = Literal[
    "website",
    "feed",
    "linkedin",
    "x",
    "facebook",
    "instagram",
    "youtube",
    "tiktok",
    "github",
    "bluesky",
    "mastodon",
    "threads",
    "reddit",
]
State = Literal["found", "read", "searched", "login", "not_allowed", "busy", "unavailable"]
"""``found``: nobody tried · ``searched``: what a web search knows of it · ``login``: shown to who signs in alone ·
``not_allowed``: robots.txt says no · ``busy``: it asked to be left alone for a while · ``unavailable``: no answer, or
none that can be read."""

NAMES: Final[dict[Network, str]] = {
    "website": "Website",
    "feed": "Blog",
    "linkedin": "LinkedIn",
    "x": "X",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "github": "GitHub",
    "bluesky": "Bluesky",
    "mastodon": "Mastodon",
    "threads": "Threads",
    "reddit": "Reddit",
}
"""As people call them."""


class Account(Struct, frozen=True):
    """``handle``: the name at the network, as it is written there."""

    network: Network
    handle: str
    url: str
    state: State = "found"


class Post(Struct, frozen=True):
    """``author``: the account's handle · ``title``: "" where the network has none · ``published_at`` None: it does not
    say. All of it is plain text that others wrote."""

    network: Network
    author: str
    url: str
    title: str
    text: str
    published_at: datetime | None = None


class Reading(Struct, frozen=True):
    """One look at a company; ``site`` is what it is known by. The website is the first account; ``posts`` are the
    newest first."""

    site: str
    read_at: datetime
    accounts: tuple[Account, ...] = ()
    posts: tuple[Post, ...] = ()

    @property
    def is_read(self) -> bool:
        """Whether the website itself could be read."""
        return bool(self.accounts) and self.accounts[0].state == "read"

    @property
    def is_whole(self) -> bool:
        """Whether another look soon would find no more than this one."""
        return all(account.state not in ("busy", "unavailable") for account in self.accounts)
