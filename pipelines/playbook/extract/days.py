"""Days and stretches of days: "tomorrow", "a week from tuesday", "the 14th", "end of the week", "early next month"."""

import calendar
import re
from datetime import date, timedelta
from typing import Final

Span = tuple[date, date]
"""The first and the last day."""

_WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        ("monday mon", "tuesday tue tues", "wednesday wed weds", "thursday thu thur thurs", "friday fri", "saturday",
         "sunday")
    )
    for name in names.split()
}  # fmt: skip
_MONTHS: Final = "january february march april may june july august september october november december".split()
_ORDINALS: Final = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth"
        " sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        start=1,
    )
} | {"twenty first": 21, "twenty second": 22, "twenty third": 23, "twenty fourth": 24, "twenty fifth": 25,
     "twenty sixth": 26, "twenty seventh": 27, "twenty eighth": 28, "twenty ninth": 29, "thirtieth": 30,
     "thirty first": 31}  # fmt: skip
_COUNTS: Final = {"a": 1, "one": 1, "two": 2, "a couple of": 2, "three": 3, "four": 4, "five": 5, "six": 6}

WEEKDAY: Final = rf"(?:{'|'.join(sorted(_WEEKDAYS, key=len, reverse=True))})"
_ORDINAL_WORD: Final = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_COUNT: Final = rf"(?P<count>{'|'.join(sorted(_COUNTS, key=len, reverse=True))}|\d{{1,2}})"
_NAMED_WEEKDAY: Final = re.compile(
    rf"\b(?:(next|this|coming|last) )?(?!wed (?:like|love|need|be|have|want|rather|prefer|use|pay)\b)({WEEKDAY})s?\b"
)
_MONTH_NAME: Final = (
    rf"(?P<month>{'|'.join(f'{name[:3]}(?:{name[3:]})?' if len(name) > 3 else name for name in _MONTHS)})\.?"
)
_DAY_NUMBER: Final = rf"(?P<day>\d{{1,2}}(?:st|nd|rd|th)?|{_ORDINAL_WORD})"
_MONTH_DAY: Final = re.compile(rf"\b{_MONTH_NAME} (?:the )?{_DAY_NUMBER}\b(?! (?:am|pm|o'?clock))")
_DAY_MONTH: Final = re.compile(rf"\b(?:the )?{_DAY_NUMBER} (?:of )?{_MONTH_NAME}\b")
_ISO: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_ALONE: Final = re.compile(
    rf"\bthe (\d{{1,2}}(?:st|nd|rd|th)|{_ORDINAL_WORD})\b"
    r"(?! (?:one|slot|time|option|thing|of|call|quarter|half|week|month))"
)
_TODAY: Final = re.compile(r"\b(?:today|tonight|this (?:morning|afternoon|evening))\b")
_TOMORROW: Final = re.compile(r"\b(?:tomorrow|tmrw|tmr)\b")
_YESTERDAY: Final = re.compile(r"(?:^(?:ok |okay |say |so )?|\b(?:how about|what about|do) )yesterday\b")
"""Proposed, which only a slip does: what else happened yesterday is no time to meet."""

_DAYS_AHEAD: Final = re.compile(rf"\bin {_COUNT} days?\b")
_WEEKS_AFTER: Final = re.compile(
    rf"(?<!in )\b{_COUNT} weeks? (?:from|after|on) (?=(?:this |next )?(?:today|tomorrow|{WEEKDAY}\b|the ))"
    rf"|\b{WEEKDAY} week\b|\b{WEEKDAY} after next\b"
)
"""So long after the day that is named with it."""

_WEEKS_AHEAD: Final = re.compile(rf"\b(?:in {_COUNT} weeks?|{_COUNT.replace('count', 'now')} weeks from now)\b")
_TWO_WEEKS_AHEAD: Final = re.compile(r"\bfortnight\b|\bweek after next\b")
_NEXT_WEEK: Final = re.compile(r"\bnext week\b")
_WEEK_END: Final = re.compile(r"\b(?:end of (?:the|this) week|later (?:this|in the) week)\b")
_MONTH_SPAN: Final = re.compile(
    r"\b(?:(early|beginning of|start of|mid|middle of|late|end of)(?: the)? )?next month\b|\bend of (?:the"
    r"|this) month\b"
)
_HOLIDAYS: Final = {
    "christmas eve": (12, 24), "christmas day": (12, 25), "christmas": (12, 25), "boxing day": (12, 26),
    "new years eve": (12, 31), "new years day": (1, 1), "new year's eve": (12, 31), "new year's day": (1, 1),
}  # fmt: skip
_HOLIDAY: Final = re.compile(rf"(?<!by )(?<!before )(?<!after )(?<!until )\b({'|'.join(_HOLIDAYS)})\b")

EARLY_DAYS: Final = 10
"""The first days of a month that are early in it; so many at its end are late."""


def find_day(plain: str, today: date) -> date | None:
    """The day a text names, seen from today; ``plain``: lower case, without commas, single spaces."""
    if (match := _ISO.search(plain)) is not None:
        return _valid(int(match[1]), int(match[2]), int(match[3]))
    if (match := _MONTH_DAY.search(plain) or _DAY_MONTH.search(plain)) is not None:
        month = next(number for number, name in enumerate(_MONTHS, start=1) if name.startswith(match["month"][:3]))
        return _coming(today, month, _number(match["day"]))
    if (match := _HOLIDAY.search(plain)) is not None:
        return _coming(today, *_HOLIDAYS[match[1]])
    if (match := _DAYS_AHEAD.search(plain)) is not None:
        return today + timedelta(days=_count(match["count"]))
    day = _near_day(plain, today) or _weekday_or_number(plain, today)
    return day + timedelta(weeks=_weeks_after(plain)) if day is not None else None


def _near_day(plain: str, today: date) -> date | None:
    if "day after tomorrow" in plain:
        return today + timedelta(days=2)
    if _TOMORROW.search(plain) is not None:
        return today + timedelta(days=1)
    if _YESTERDAY.search(plain) is not None:
        return today - timedelta(days=1)
    return None


def _weekday_or_number(plain: str, today: date) -> date | None:
    alone = _DAY_ALONE.search(plain)
    numbered = _coming(today, None, _number(alone[1])) if alone is not None else None
    named = sorted(_NAMED_WEEKDAY.finditer(plain), key=lambda match: match[1] == "last")
    if named:
        weekday = _WEEKDAYS[named[0][2]]
        if numbered is not None and numbered.weekday() == weekday:
            return numbered
        return _weekday(today, weekday, named[0][1], _weeks_ahead(plain))
    if alone is not None:
        return numbered
    return today if _TODAY.search(plain) is not None else None


def find_span(plain: str, today: date) -> Span | None:
    """The days of a week or month named without a day."""
    weeks = _weeks_ahead(plain)
    if weeks or _NEXT_WEEK.search(plain) is not None:
        monday = monday_of(today) + timedelta(weeks=weeks or 1)
        return monday, monday + timedelta(days=6)
    if _WEEK_END.search(plain) is not None:
        friday = monday_of(today) + timedelta(days=4)
        first = max(friday - timedelta(days=1), today)
        return (first, friday) if first <= friday else (friday + timedelta(days=6), friday + timedelta(days=7))
    if (match := _MONTH_SPAN.search(plain)) is not None:
        return _in_month(today if "next" not in match[0] else _next_month(today), match[1] or match[0])
    return None


def _in_month(day: date, words: str) -> Span:
    first, last = day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
    if words.startswith(("early", "beginning", "start")):
        return first, first + timedelta(days=EARLY_DAYS - 1)
    if words.startswith(("mid", "middle")):
        return first + timedelta(days=EARLY_DAYS), last - timedelta(days=EARLY_DAYS)
    return (last - timedelta(days=EARLY_DAYS - 1), last) if words.startswith(("late", "end")) else (first, last)


def _weeks_after(plain: str) -> int:
    match = _WEEKS_AFTER.search(plain)
    if match is None:
        return 0
    return _count(match["count"]) if match["count"] else 1


def _weeks_ahead(plain: str) -> int:
    if _TWO_WEEKS_AHEAD.search(plain) is not None:
        return 2
    match = _WEEKS_AHEAD.search(plain)
    return _count(match["count"] or match["now"]) if match is not None else 0


def monday_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def _weekday(today: date, weekday: int, which: str | None, weeks: int) -> date:
    """The next such day after today; with "next", the one of next week, with ``weeks``, of the week so far ahead."""
    if weeks or which == "next":
        return monday_of(today) + timedelta(weeks=weeks or 1, days=weekday)
    if which == "last":
        return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _count(word: str) -> int:
    return _COUNTS.get(word) or int(word)


def _number(word: str) -> int:
    return _ORDINALS[word] if word in _ORDINALS else int(re.sub(r"\D", "", word))


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _coming(today: date, month: int | None, day: int) -> date | None:
    """The next such date that is not past; without a month, of this month or the next."""
    found = _valid(today.year, month or today.month, day)
    if found is not None and found >= today:
        return found
    if month is not None:
        return _valid(today.year + 1, month, day)
    following = _next_month(today)
    return _valid(following.year, following.month, day)
