"""Hours in which people may be called, as a setting. Pure."""

import re
from datetime import time
from typing import Final

EARLIEST: Final = time(8)
LATEST: Final = time(21)
"""47 CFR 64.1200(c)(1)."""

_HOURS: Final = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


def read_calling_hours(text: str) -> tuple[time, time]:
    """``09:00-18:00``. Raises ValueError that says what is wrong."""
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not of the form 09:00-18:00")
    try:
        opens, closes = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    except ValueError:
        raise ValueError(f"{text!r} has a time that is none") from None
    if opens >= closes:
        raise ValueError(f"{text!r} ends before it begins")
    if opens < EARLIEST or closes > LATEST:
        raise ValueError(f"{text!r} goes beyond {EARLIEST:%H:%M}-{LATEST:%H:%M}, which the law allows at most")
    return opens, closes
