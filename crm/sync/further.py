"""The further addresses and telephone numbers of a contact: a three-way merge of sets. Pure.

All of a side's, the first and the further ones, are one set. What a side added since both last agreed is added to the
other, what it took off is taken off. A side that has none at all took off nothing: that is an emptied field, of which
somebody is asked.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from crm.contact import CONTACT_FIELDS, FURTHER, ContactFields
from storage import phone_number
from storage.crm.contacts import ContactRow


class Further(Struct, frozen=True):
    """``value``: ours from now on · ``base``: what both agree on; None: on nothing, not on the first either · ``send``:
    all that is to be there beside the first; None: it is."""

    value: tuple[str, ...]
    base: tuple[str, ...] | None
    send: tuple[str, ...] | None = None


def merged(
    row: ContactRow, name: str, shown: ContactFields, value: str | None, base: str | None, *, sends: bool
) -> Further:
    """``name``: the field of the first, which is to have ``value`` and agrees on ``base``; ``sends``: it is written
    over there. ``shown`` has a list of its own."""
    ours, theirs = all_of(row, name), all_of(shown, name)
    first_there = value if sends else getattr(shown, name)
    if value is None:
        # Emptied here: theirs are not known to be unwanted, so they are news once there is a first one again.
        return Further((), None)
    if not theirs and base is not None:
        return Further(getattr(row, FURTHER[name]), ())  # emptied there
    known = agreed(row, name, theirs) if ours and theirs else frozenset()
    left = (ours & theirs) | (ours - known) | (theirs - known) | _all(first_there, ())
    further = _in_order(name, left - {value})
    wanted = frozenset(further) - (refused(row, name) - theirs) | _all(first_there, ())
    send = _in_order(name, wanted - {first_there}) if sends or wanted != theirs else None
    return Further(further, _in_order(name, theirs - {getattr(shown, name)}), send)


def agreed(row: ContactRow, name: str, theirs: Iterable[str]) -> frozenset[str]:
    """What both sides last agreed on: as noted, or what we were writing as far as just that has come back."""
    theirs = frozenset(theirs)
    if agrees_on_nothing(row, name):
        return frozenset()
    known = _all(row.base.get(name), row.base.get(FURTHER[name]))
    if FURTHER[name] not in row.writing:
        return known
    written = _all(row.writing.get(name, row.base.get(name)), row.writing[FURTHER[name]])
    if row.external_id is None and row.create_tried_at is not None:
        return written
    come_back = {each for each in known | theirs | written if (each in theirs) == (each in written)}
    return (known - come_back) | (theirs & come_back)


def news(row: ContactRow, shown: ContactFields) -> dict[str, tuple[str, ...]]:
    """Their lists that have more than was agreed on."""
    lists = {
        further: (name, getattr(shown, further))
        for name, further in FURTHER.items()
        if not agrees_on_nothing(row, name)
    }
    return {
        further: theirs
        for further, (name, theirs) in lists.items()
        if theirs and set(theirs) - agreed(row, name, all_of(shown, name))
    }


def types(row: ContactRow, theirs: Mapping[str, str]) -> dict[str, str]:
    """What each of ours is for: as the CRM has it, which may not know of it yet."""
    known = row.address_types | dict(theirs)
    return {each: known[each] for name in FURTHER for each in sorted(all_of(row, name)) if each in known}


def unsent(row: ContactRow) -> dict[str, tuple[str, ...]]:
    """Ours that the CRM has not been seen with."""
    lacking = {
        further: set(getattr(row, further)) - _all(row.base.get(name), row.base.get(further)) - refused(row, name)
        for name, further in FURTHER.items()
        if not agrees_on_nothing(row, name)
    }
    return {further: tuple(sorted(values)) for further, values in lacking.items() if values}


def agrees_on_nothing(row: ContactRow, name: str) -> bool:
    """The field was emptied here, or the contact was last seen before its further ones were looked at."""
    return bool(row.base) and row.base.get(FURTHER[name]) is None


def all_of(side: ContactRow | ContactFields, name: str) -> frozenset[str]:
    """The first and the further ones."""
    return _all(getattr(side, name), getattr(side, FURTHER[name]))


def refused(row: ContactRow, name: str) -> frozenset[str]:
    """Further ones that the CRM does not take."""
    return frozenset(row.refused.get(FURTHER[name]) or ())


def knowing(row: ContactRow, learned: ContactFields) -> ContactRow:
    """With what ``learned`` has beside the first ones, and its first ones where they are others. Nothing is replaced,
    and what was refused, or left empty on purpose, stays so."""
    values: dict[str, Any] = {}
    for name, others in FURTHER.items():
        first = getattr(row, name)
        if first is None and name in row.refused:
            continue
        found = {*(getattr(learned, others) or ()), getattr(learned, name)} - refused(row, name)
        known = beside(name, first, {*getattr(row, others), *found})
        if first is None and known:
            first, *rest = known
            known = tuple(rest)
        values |= {name: first, others: known}
    after = msgspec.structs.replace(row, **values)
    return msgspec.structs.replace(after, address_types=types(after, row.address_types | learned.address_types))


def refusable(row: ContactRow, sent: ContactFields, fields: Iterable[str]) -> dict[str, Any]:
    """What of ``sent`` the CRM refused, which names whole ``fields``. Further ones it did not have before come first:
    without them the rest is tried again."""
    values: dict[str, Any] = {}
    for name in fields:
        if name not in CONTACT_FIELDS:
            continue
        known = _all(row.base.get(name), row.base.get(FURTHER.get(name, "")))
        if name in FURTHER and (new := {*(getattr(sent, FURTHER[name]) or ())} - known):
            values[FURTHER[name]] = sorted(new)
        elif getattr(sent, name) is not None:
            values[name] = getattr(sent, name)
    return values


def beside(name: str, first: str | None, others: Iterable[str | None]) -> tuple[str, ...]:
    """``others`` as they are kept beside the first."""
    return _in_order(name, {each for each in others if each is not None and each != first})


def _in_order(name: str, values: Iterable[str]) -> tuple[str, ...]:
    """Without numbers that are none: a text in place of one is no more than the first."""
    return tuple(sorted(each for each in values if name != "phone" or phone_number.normalised(each) == each))


def _all(first: Any, further: Any) -> frozenset[str]:
    return frozenset([*([first] if first is not None else []), *(further or ())])
