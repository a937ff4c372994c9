"""What somebody types to find contacts: as for leads, or digits of a telephone number however they are parted. Pure."""

import re

from storage.leads.search import LeadSearch, words_of

_NUMBER = re.compile(r"\+?\(?\d[\d\s().\-/]*\d")
_MANY_DIGITS = 7
"""Beside words, so many digits are a telephone number, and not two numbers side by side."""


def contact_search_of(text: str) -> LeadSearch:
    """Digits of a number are one word, of which any part is kept as the beginning of one."""
    if "@" in text:
        return words_of(text)
    plain = text.strip()
    return words_of(_NUMBER.sub(lambda found: _joined(found[0], alone=found[0] == plain), plain))


def _joined(number: str, *, alone: bool) -> str:
    digits = re.sub(r"\D", "", number)
    if len(digits) < _MANY_DIGITS:
        return digits if alone else number
    # Dialled from at home or from abroad: numbers are kept without what that begins with.
    return digits if number.startswith("+") else digits.lstrip("0")
