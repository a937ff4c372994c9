"""Reads a public LinkedIn profile page. Pure.

What is wanted stands in the page's JSON-LD (schema.org ``Person``), made for search engines; the visible markup changes
too often to rely on.
"""

import re
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import msgspec

from crm.contact import ContactFields, Enrichment
from crm.errors import NotFound, SkipRecord
from crm.mapping import linkedin_url, names

_JSON_LD = re.compile(r"<script\b[^<>]{0,200}type=.application/ld\+json.[^<>]{0,200}>")
_END = "</script>"
_MOST_BLOCKS = 20
_WALLS = ("/authwall", "/login", "/uas/", "/checkpoint", "/signup")


def read(final_url: str, html: str) -> Enrichment:
    """Raises NotFound when there is no such profile, SkipRecord ``profile_not_public`` for a login wall."""
    where = urlsplit(final_url)
    if where.path == "/404" or where.path.startswith("/404/"):
        raise NotFound("record_not_found", "no such profile", platform="linkedin")
    person = _person(html)
    if person is None or where.path.startswith(_WALLS):
        raise SkipRecord("profile_not_public", "the profile is not shown without signing in", platform="linkedin")
    first, last = names.split(_text(person.get("name")))
    address = person.get("address") if isinstance(person.get("address"), dict) else {}
    return Enrichment(
        platform="linkedin",
        external_id=linkedin_url.normalised(final_url),
        fields=ContactFields(
            first_name=first,
            last_name=last,
            company=_named(person.get("worksFor")),
            title=_text(person.get("jobTitle")),
            linkedin_url=linkedin_url.normalised(final_url),
        ),
        data={
            name: value
            for name, value in (
                ("about", _text(person.get("description"))),
                ("locality", _text(address.get("addressLocality")) if isinstance(address, dict) else None),
                ("country", _text(address.get("addressCountry")) if isinstance(address, dict) else None),
                ("schools", _named(person.get("alumniOf"))),
            )
            if value is not None
        },
    )


def _person(html: str) -> dict[str, Any] | None:
    for opening in islice(_JSON_LD.finditer(html), _MOST_BLOCKS):
        end = html.find(_END, opening.end())
        try:
            document = msgspec.json.decode(html[opening.end() : max(end, opening.end())])
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            continue
        graph = document.get("@graph", [document]) if isinstance(document, dict) else document
        for node in graph if isinstance(graph, list) else []:
            if isinstance(node, dict) and node.get("@type") == "Person":
                return node
    return None


def _text(value: object) -> str | None:
    """A text, or the first of several; stars are what LinkedIn puts in place of what it hides."""
    first = value[0] if isinstance(value, list) and value else value
    return None if not isinstance(first, str) or "***" in first else names.tidy(first)


def _named(value: object) -> str | None:
    first = value[0] if isinstance(value, list) and value else value
    return _text(first.get("name")) if isinstance(first, dict) else None
