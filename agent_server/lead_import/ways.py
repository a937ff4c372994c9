"""The addresses and telephone numbers of a row, of however many columns and however many in a cell. Pure."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

from agent_server.lead_import.cells import addresses_in, numbers_in
from storage.leads.records import FURTHER
from storage.phone_number import normalised

FIRST_OF: Final = {name: name for name in FURTHER} | {further: first for first, further in FURTHER.items()}
"""The field of the first, by that of a column."""

_PREFIX_DIGITS = 3
"""That a number has as it is dialled, and not in E.164: "00" and "(0)"."""


class Ways(Struct, frozen=True):
    """Those of a cell. ``is_all``: nothing else is in it."""

    values: tuple[str, ...]
    is_all: bool


def addresses(cell: str) -> Ways:
    found = addresses_in(cell)
    return Ways(found or (), found == () or not any(map(str.isalnum, _without(cell, found or ()))))


def numbers(cell: str, country: str | None) -> Ways:
    """Those that can be called, else the text."""
    found = numbers_in(cell, country)
    return Ways(found, _digits(cell) - sum(map(_digits, found)) <= _PREFIX_DIGITS * len(found))


def take_in(fields: dict[str, Any], field: str, found: Ways) -> bool:
    """Put them where the first and the further ones are. Whether the cell is told by that: a text that is no number is
    kept as the first, and is none beside it."""
    first, values = FIRST_OF[field], list(found.values)
    if field == first and first not in fields and values:
        fields[first] = values.pop(0)
    further = [each for each in values if first == "contact_email" or normalised(each)]
    fields.setdefault(FURTHER[first], []).extend(further)
    return found.is_all and further == values


def put_first(fields: dict[str, Any]) -> None:
    """Of the further ones, where no column has a first."""
    for first, others in FURTHER.items():
        if first not in fields and fields.get(others):
            fields[first] = fields[others].pop(0)


def _without(cell: str, parts: Iterable[str]) -> str:
    for part in parts:
        cell = cell.replace(part, "", 1)
    return cell


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))
