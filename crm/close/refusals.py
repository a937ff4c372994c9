"""What Close refuses, in our names. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

OurNames = Mapping[str, tuple[str, ...]]

OF_CONTACT: OurNames = {
    "emails": ("email",),
    "phones": ("phone",),
    "urls": ("linkedin_url",),
    "name": ("first_name", "last_name"),
}
OF_LEAD: OurNames = {
    "name": ("company",),
    **{f"contacts.{name}": ours for name, ours in OF_CONTACT.items()},
    "contacts.title": ("title",),
}
"""With the contact it is made with."""


def named(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields an answer complains of: ``{"errors": [...], "field-errors": {"emails": {...}}}``. Of a lead's contacts
    there is one like it within for each that is wrong; their fields are named ``contacts.emails``."""
    refused = body.get("field-errors")
    if not isinstance(refused, dict):
        return ()
    of_people = {f"contacts.{name}" for name in _named_within(refused.get("contacts"))}
    return tuple(sorted({name for name in refused if name != "contacts" or not of_people} | of_people))


def in_our_names(refused: Sequence[str], ours: OurNames) -> tuple[str, ...]:
    """Those that are none of ours stay as they are."""
    return tuple(name for theirs in refused for name in ours.get(theirs, (theirs,)))


def _named_within(told: Any) -> set[str]:
    if not isinstance(told, dict):
        return set()
    if isinstance(found := told.get("field-errors"), dict):
        return set(found)
    return set().union(*map(_named_within, told.values()))
