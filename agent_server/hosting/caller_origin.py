"""Where a caller comes from, as doors are told it: a carrier's caller id, or an address. Pure."""

from typing import Final

from storage import email_address, phone_number
from storage.leads.of_callers import Origin

_WITHHELD: Final = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
"""ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE on a telephone's keys: what carriers put in the place of a
number that is withheld. They look like numbers and are everybody's."""


def origin_of(given: str | None) -> Origin | None:
    """None: withheld, or neither a complete number with its country code nor an e-mail address."""
    text = (given or "").strip()
    if email := email_address.normalised(text):
        return Origin(email=email)
    if not text.startswith(("+", "00", "tel:")):
        return None  # without a country code it would be a guess whose number it is
    phone = phone_number.normalised(text)
    return Origin(phone=phone) if phone is not None and phone not in _WITHHELD else None


def number_kept(given: str | None) -> str:
    """As it is kept with a call, by which the do-not-call list and erasures find whoever called. Carriers may leave out
    the plus, or the country: then it is the number that would be dialled from here. Where there is none, what was
    given, 64 characters at most."""
    text = (given or "").strip()
    phone = phone_number.normalised(text) or phone_number.normalised(f"+{text}")
    return "anonymous" if phone in _WITHHELD else phone or text[:64]
