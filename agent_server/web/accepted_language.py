"""Which language a browser's reader would rather read. Pure. RFC 9110, section 12.5.4."""

from pipelines.language.tags import ENGLISH, primary
from pipelines.language.words import has_words

_MOST = 20
"""Of a header's entries are looked at."""


def accepted_language(header: str) -> str:
    """``header``: ``Accept-Language``. The code of the language that is liked best of those that pages are written in;
    English where it is none, or nothing is said."""
    best, liked = ENGLISH, 0.0
    for entry in header.split(",")[:_MOST]:
        tag, _, weight = entry.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if tag and has_words(tag) and quality > liked:
            best, liked = primary(tag), quality
    return best
