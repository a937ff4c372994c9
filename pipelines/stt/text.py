"""What a recogniser spells out, written as one would write it: abbreviations and e-mail addresses. Pure."""

import re
from typing import Final

_VARIANT: Final = re.compile(r"\(\d+\)")
_NOISE: Final = re.compile(r"<[^>]*>|\[[^]]*\]|\+\+\w+\+\+")

ABBREVIATIONS: Final = ("crm", "api", "ai", "ceo", "cto", "cfo", "coo", "vp", "uk", "usa", "sap", "hr", "roi")
_SPELLED: Final = re.compile(
    r"\b(?:" + "|".join(" ".join(name) for name in sorted(ABBREVIATIONS, key=len, reverse=True)) + r")\b"
)

_DOMAIN: Final = r"(?:com|org|net|io|co|ai|de|eu|edu|gov|info|biz|us|uk)"
_EMAIL: Final = re.compile(
    rf"\b((?:\w+)(?: (?:dot|underscore|dash) \w+)*) at (\w+(?: (?:dot|dash) \w+)*) dot ({_DOMAIN})(?: dot (uk|au|nz))?\b"
)
_SIGNS: Final = ((" dot ", "."), (" underscore ", "_"), (" dash ", "-"))


def plain_text(heard: str) -> str:
    """Pronunciation marks and noises taken off; "c r m" to "CRM", "jane at acme dot com" to "jane@acme.com"."""
    text = " ".join(_NOISE.sub(" ", _VARIANT.sub("", heard)).split())
    text = _EMAIL.sub(_written_email, text)
    return _SPELLED.sub(lambda match: match.group().replace(" ", "").upper(), text)


def _written_email(match: re.Match[str]) -> str:
    name, domain, end, country = match.groups()
    for spoken, sign in _SIGNS:
        name, domain = name.replace(spoken, sign), domain.replace(spoken, sign)
    return f"{name}@{domain}.{end}" + (f".{country}" if country else "")
