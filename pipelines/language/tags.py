"""Tags of languages (BCP 47), and what a model is told of the one it talks. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

ENGLISH: Final = "en"

LANGUAGES: Final[Mapping[str, str]] = {
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "ms": "Malay",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
}
"""By ISO 639-1 code: those for which there are voices, in the cloud and embedded, and a recogniser."""

_TALKED: Final = re.compile(r"^The caller is talked with in [A-Za-z]+ \((?P<tag>[A-Za-z0-9-]+)\)", re.MULTILINE)


def primary(tag: str) -> str:
    """Of ``de-CH`` the ``de``, which is all that recognisers have in common."""
    return tag.partition("-")[0].lower()


def tidy(tag: str) -> str:
    """As it is usually written: ``pt-BR``."""
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def is_english(tag: str) -> bool:
    return primary(tag) == ENGLISH


def name_of(tag: str) -> str:
    """In English; of one that is not known the tag itself."""
    name = LANGUAGES.get(primary(tag), tag)
    return f"{name} ({tag})" if "-" in tag and name != tag else name


def told(tag: str) -> str:
    """What a model is told, behind its instructions; empty for English, in which all of it is written."""
    if is_english(tag):
        return ""
    name = LANGUAGES.get(primary(tag), "their language")
    return (
        f"The caller is talked with in {name.split()[-1]} ({tag}). Whatever language your instructions, tools and facts"
        f" are in, all that you say is natural {name}, polite as with somebody one does not know, unless your"
        " instructions ask for another language. Times, amounts and numbers are said as one says them there."
    )


def to_write(tag: str) -> str:
    """What a model is told that writes to people; empty for English."""
    if is_english(tag):
        return ""
    return (
        f"Write in {name_of(tag)}, as its native speakers write to a business contact they do not know, whatever"
        " language these instructions and the data are in."
    )


def language_told(texts: Iterable[str]) -> str:
    """The tag that is told in one of them; English where none is."""
    found = (match["tag"] for text in texts if (match := _TALKED.search(text)) is not None)
    return next(found, ENGLISH)
