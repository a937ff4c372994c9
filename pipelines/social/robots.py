"""robots.txt as RFC 9309 has it: the group for us or for everybody, and of its rules the longest that fits. Pure."""

import re
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from msgspec import Struct

NAME: Final = "sales-agent"
"""What robots.txt may call us."""

MAX_CHARS: Final = 100_000
MOST_RULES: Final = 500
MAX_RULE_CHARS: Final = 300

_AGENT: Final = re.compile(r"[A-Za-z_-]+")


class Robots(Struct, frozen=True):
    """``rules``: whether it is allowed, and the parts of the path that stars stand between."""

    rules: tuple[tuple[bool, str], ...] = ()

    def allows(self, url: str) -> bool:
        """Where two fit equally, the one that allows counts."""
        address = urlsplit(url)
        path = _plain(address.path or "/") + (f"?{_plain(address.query)}" if address.query else "")
        fitting = [(len(rule), allowed) for allowed, rule in self.rules if _fits(rule, path)]
        return max(fitting)[1] if fitting else True


ALLOW_ALL: Final = Robots()


def parse_robots(text: str) -> Robots:
    ours: list[tuple[bool, str]] = []
    everybodys: list[tuple[bool, str]] = []
    named = False
    groups: list[list[tuple[bool, str]]] = []
    naming = False
    for line in text[:MAX_CHARS].splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            groups = groups if naming else []
            naming = True
            name = _AGENT.match(value)
            if value == "*":
                groups.append(everybodys)
            elif name is not None and name.group().lower() == NAME:
                groups.append(ours)
                named = True
        elif key in ("allow", "disallow"):
            naming = False
            for group in groups:
                if value and len(value) <= MAX_RULE_CHARS and len(group) < MOST_RULES:
                    group.append((key == "allow", _plain(value)))
    return Robots(tuple(ours if named else everybodys))


def _fits(rule: str, path: str) -> bool:
    """Step by step, so that no pattern takes more than a pass."""
    to_end = rule.endswith("$")
    first, *others = rule.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    if not others:
        return not to_end or path == first
    at = len(first)
    for number, part in enumerate(others):
        if to_end and number == len(others) - 1:
            return len(path) - len(part) >= at and path.endswith(part)
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _plain(path: str) -> str:
    """However it is escaped."""
    return quote(unquote(path), safe="/*$?&=:@!'(),;+~-._")
