"""Dates and times as they are written in a language (Unicode CLDR, by Babel)."""

from datetime import datetime

from pipelines.language.tags import primary
from pipelines.language.words import WORDS


def written_moment(moment: datetime, zone: str, language: str) -> str:
    """The weekday, the date and the time by the clock of ``zone``, whose name is told with it. English in a language of
    which no phrases are known either."""
    clock = f"{moment:%H:%M} ({zone})"
    if primary(language) not in WORDS:
        return f"{moment:%A, %B} {moment.day}, {moment.year} at {clock}"
    from babel.dates import format_date  # noqa: PLC0415 - wanted by few, and slow to import

    return f"{format_date(moment, 'full', locale=primary(language))}, {clock}"
