"""Which technologies a page and a domain's records show, by the rules in ``rules.json``. Pure.

A rule applies when one of its patterns is found: in the page (``html``), in a header by name (``header``; an empty
pattern: the header is there), in the name of a cookie, in an MX or a TXT record. Case does not matter.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from pipelines.tools.tech_stack.fetch import Page


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1)]
    category: str
    html: str | None = None
    header: dict[str, str] = {}
    cookie: str | None = None
    mx: str | None = None
    txt: str | None = None


class Records(Struct, frozen=True):
    """Of a domain's DNS."""

    mx: tuple[str, ...] = ()
    txt: tuple[str, ...] = ()


class Technology(Struct, frozen=True):
    """``seen_in``: where it shows, such as ``page`` or ``header server``."""

    name: str
    category: str
    seen_in: str


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    return msgspec.json.decode(
        files("pipelines.tools.tech_stack").joinpath("rules.json").read_bytes(), type=tuple[Rule, ...]
    )


def detect(page: Page | None, records: Records) -> list[Technology]:
    """In the order of the rules, each once."""
    found = ((rule, _place(rule, page, records)) for rule in rules())
    return [Technology(rule.name, rule.category, place) for rule, place in found if place is not None]


def _place(rule: Rule, page: Page | None, records: Records) -> str | None:
    if page is not None:
        for name, pattern in rule.header.items():
            if name in page.headers and _found(pattern, [page.headers[name]]):
                return f"header {name}"
        if rule.cookie is not None and _found(rule.cookie, page.cookies):
            return "cookie"
        if rule.html is not None and _found(rule.html, [page.text]):
            return "page"
    if rule.mx is not None and _found(rule.mx, records.mx):
        return "MX record"
    if rule.txt is not None and _found(rule.txt, records.txt):
        return "TXT record"
    return None


def _found(pattern: str, texts: Sequence[str]) -> bool:
    compiled = _compiled(pattern)
    return any(compiled.search(text) for text in texts)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
