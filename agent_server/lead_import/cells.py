"""What is meant by a cell, as programs and people fill them. Pure."""

import re
import unicodedata

from agent_server.lead_import.countries import called_from_abroad
from storage import email_address, phone_number

_GUARD = re.compile(r"^'(?=[-+=@\d])")
"""What programs put before a cell that a spreadsheet would reckon with."""

_NOTHING = frozenset(("n/a", "#n/a", "-", "--", "\u2013", "\u2014", "[not provided]", "(not set)"))
_NO_ADDRESS_OR_NUMBER = frozenset(("na", "none", "null", "unknown", "unbekannt", "keine", "k.a.", "k. a.", "inconnu"))
_ADDRESS = re.compile(email_address.PATTERN)
_BETWEEN_NUMBERS = re.compile(r"[;,|\n]|\s/\s|\s(?:or|oder|ou)\s")
_OF_NOTHING = re.compile(r"(?<=[0-9]{7})\.0$")
"""Of a telephone number that went through a script as a number."""

_MOST_IN_A_CELL = 10

_PLUS_ONE = (None, "US", "CA")
"""Where numbers of ten digits are dialled; None: nobody says where."""

_LABEL = re.compile(r"^[^+(\d]+(?=[+(\d])|\s*\([^)\d]*\)$")
_WORD = r"[^\W\d_][\w'\u2019.-]*"
_LAST_FIRST = re.compile(rf"({_WORD}(?: {_WORD})?), ({_WORD}(?: {_WORD})?)")
_AFTER_NAMES = frozenset("jr sr ii iii iv phd md mba esq inc llc ltd gmbh ag".split())


def meant(cell: str) -> str:
    """Empty for what says that there is nothing."""
    plain = _GUARD.sub("", cell)
    return "" if plain.lower() in _NOTHING else plain


def addresses_in(cell: str) -> tuple[str, ...] | None:
    """The e-mail addresses; none where the cell says that there is none, None where it has something else."""
    if cell.lower() in _NO_ADDRESS_OR_NUMBER:
        return ()
    if email_address.normalised(cell) is not None:
        return (cell,)
    return tuple(_ADDRESS.findall(cell[: _MOST_IN_A_CELL * email_address.MAX_CHARS])[:_MOST_IN_A_CELL]) or None


def numbers_in(cell: str, country: str | None) -> tuple[str, ...]:
    """The telephone numbers that can be called, from ``country`` or from anywhere; else the cell as it stands, and none
    where it says that there is none."""
    if cell.lower() in _NO_ADDRESS_OR_NUMBER:
        return ()
    whole = _OF_NOTHING.sub("", unicodedata.normalize("NFKC", cell))
    if (dialled := _dialled(whole, country)) is not None:
        return (dialled,)
    several = (_dialled(number, country) for number in _BETWEEN_NUMBERS.split(whole)[:_MOST_IN_A_CELL])
    return tuple(dict.fromkeys(filter(None, several))) or (whole,)


def _dialled(number: str, country: str | None) -> str | None:
    unlabelled = _LABEL.sub("", number.strip())
    if country in _PLUS_ONE or unlabelled.startswith(("+", "00")):
        return phone_number.normalised(unlabelled)
    return called_from_abroad(unlabelled, country)


def name_in(cell: str) -> str:
    """In the order in which it is said."""
    name = " ".join(cell.split())
    turned = _LAST_FIRST.fullmatch(name)
    if turned is None or turned[2].rstrip(".").lower().replace(".", "") in _AFTER_NAMES:
        return name
    return f"{turned[2]} {turned[1]}"
