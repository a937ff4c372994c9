"""Telephone numbers in E.164 (``+15551234567``), for comparing, storing and writing to providers that insist on it."""

import re

_OPTIONAL_TRUNK = re.compile(r"(?<=\d)\s*\(0\)")
"""The (0) of "+44 (0)20 7946 0000": dialled at home only."""
_SEPARATORS = re.compile(r"[\s().\-\u2010-\u2015/\u00a0]")
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
"""ITU-T E.164 6.2: at most 15 digits; seven is the shortest in use with a country code."""
_NANP = re.compile(r"[2-9]\d{9}", re.ASCII)
"""North American Numbering Plan: ten digits, no area code begins with 0 or 1. The exchange's first digit is not
checked: fictional numbers break that rule."""

_TRUNK_PREFIX = {"1": "1", "39": "", "7": "8", "36": "06"}
"""What a national number begins with before the country code replaces it; 0 in most of the world, kept in Italy."""


def normalised(text: str | None, *, default_country_code: str = "1") -> str | None:
    """E.164, or None when the text is not surely a complete number.

    ``default_country_code`` is taken for numbers written without one. A text with an extension gives None: E.164 has no
    place for it, and dropping it would ring somebody else.
    """
    plain = _OPTIONAL_TRUNK.sub("", (text or "").strip().removeprefix("tel:"))
    digits = _SEPARATORS.sub("", plain)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not digits.startswith("+"):
        digits = _international(digits, default_country_code)
    if not _E164.fullmatch(digits) or (digits.startswith("+1") and not _NANP.fullmatch(digits[2:])):
        return None
    return digits


def _international(digits: str, country_code: str) -> str:
    if not digits.isascii() or not digits.isdigit():
        return ""
    if country_code == "1" and len(digits) == 10:
        return f"+1{digits}"
    trunk = _TRUNK_PREFIX.get(country_code, "0")
    return f"+{country_code}{digits.removeprefix(trunk)}"


def normalised_or_text(text: str | None, *, default_country_code: str = "1") -> str | None:
    """E.164 where possible, else the text as it stands, trimmed: what somebody wrote down is never thrown away."""
    plain = (text or "").replace("\0", " ")
    return normalised(plain, default_country_code=default_country_code) or " ".join(plain.split()) or None
