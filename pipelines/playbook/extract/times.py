"""Days and times of day in what people say: "tomorrow afternoon", "next tuesday at half past two", "the 14th"."""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct

Part = Literal["morning", "afternoon", "evening"]
Bound = Literal["before", "after"]


class Moment(Struct, frozen=True):
    """What a text says about when. ``week`` is the Monday of a week named without a day ("next week"); ``bound``: any
    time before ``at``, or not before it ("after three")."""

    day: date | None = None
    at: time | None = None
    part: Part | None = None
    week: date | None = None
    bound: Bound | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in (self.day, self.at, self.part, self.week))


_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
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
_HOURS: Final = {
    word: value
    for value, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1)
}
_MINUTES: Final = {
    "thirty": 30, "fifteen": 15, "forty five": 45, "forty-five": 45, "twenty": 20, "ten": 10, "forty": 40, "fifty": 50,
    "oh five": 5, "five": 5,
}  # fmt: skip

_HOUR_WORD: Final = "|".join(_HOURS)
_MINUTE_WORD: Final = "|".join(sorted(_MINUTES, key=len, reverse=True))
_ORDINAL_WORD: Final = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_WEEKDAY: Final = re.compile(rf"\b(?:(next|this|coming) )?({'|'.join(_WEEKDAYS)})s?\b")
_MONTH_NAME: Final = (
    rf"(?P<month>{'|'.join(f'{name[:3]}(?:{name[3:]})?' if len(name) > 3 else name for name in _MONTHS)})\.?"
)
_DAY_NUMBER: Final = rf"(?P<day>\d{{1,2}}(?:st|nd|rd|th)?|{_ORDINAL_WORD})"
_MONTH_DAY: Final = re.compile(rf"\b{_MONTH_NAME} (?:the )?{_DAY_NUMBER}\b(?! (?:am|pm|o'?clock))")
_DAY_MONTH: Final = re.compile(rf"\b(?:the )?{_DAY_NUMBER} (?:of )?{_MONTH_NAME}\b")
_ISO: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_ALONE: Final = re.compile(
    rf"\bthe (\d{{1,2}}(?:st|nd|rd|th)|{_ORDINAL_WORD})\b(?! (?:one|slot|time|option|thing|of|call|quarter|half))"
)
_CLOCK: Final = re.compile(r"\b(\d{1,2})[:.h](\d{2})\b ?(a\.?m|p\.?m)?")
_HALF_DAY: Final = re.compile(rf"\b(\d{{1,2}}|{_HOUR_WORD})(?: ({_MINUTE_WORD}))? ?(a ?\.?m|p ?\.?m)\b")
_PAST_TO: Final = re.compile(
    rf"\b(half|quarter|ten|twenty|five)(?: minutes)? (past|to|after|before) (\d{{1,2}}|{_HOUR_WORD})\b"
)
_OCLOCK: Final = re.compile(rf"\b(\d{{1,2}}|{_HOUR_WORD}) o'? ?clock\b")
_AT_HOUR: Final = re.compile(
    rf"\b(?:at|around|about|say|by|after|for|make it|do) (\d{{1,2}}|{_HOUR_WORD})(?: ({_MINUTE_WORD})\b)?"
    r"(?! ?(?:[:.]\d|people|reps|users|of|dollars|k\b|percent|minutes|days|weeks|hours|hundred|thousand|dot|am|pm"
    r"|\w*teen))"
)
_BARE_HOUR: Final = re.compile(
    rf"(?:^(?:\w+ )?|(?:day|tomorrow|maybe|like|just|um|uh|then) )(\d{{1,2}}|{_HOUR_WORD})(?: ({_MINUTE_WORD}))?"
    r"(?= (?:works|is|would|sounds|please|then|suits|on|in|tomorrow|\w+day)\b|$)"
)
_BOUND: Final = re.compile(
    rf"(?<!quarter )(?<!ten )(?<!five )(?<!twenty )(?<!minutes )\b(?:(after|later than|not before)|(before|earlier than))"
    rf" (?:about |around )?(?:\d|(?:{_HOUR_WORD}|half|quarter|noon)\b)"
)
_PART: Final = re.compile(r"\b(?:(morning)s?|(afternoon)s?|after (lunch)|(evening)s?|(?:to)(night))\b")


@lru_cache(maxsize=2048)
def find_moment(text: str, now: datetime, *, bare_hour: bool = False) -> Moment:
    """What the text says about when, seen from ``now``. ``bare_hour``: a lone number is a time, as a time was asked
    for."""
    plain = " ".join(
        re.sub(r"[,!?]|\.(?=\s|$)", " ", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).split()
    )
    part = _part(plain)
    day = _day(plain, now.date())
    week = None
    if day is None and "next week" in plain:
        week = _monday(now.date()) + timedelta(days=7)
    at = _time(plain, part, bare_hour=bare_hour)
    return Moment(day=day, at=at, part=part, week=week, bound=_bound(plain) if at is not None else None)


def _bound(plain: str) -> Bound | None:
    match = _BOUND.search(plain)
    if match is None:
        return None
    return "after" if match[1] else "before"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _part(plain: str) -> Part | None:
    match = _PART.search(plain.replace("good morning", "").replace("good afternoon", "").replace("good evening", ""))
    if match is None:
        return None
    return "morning" if match[1] else "evening" if match[4] or match[5] else "afternoon"


def _day(plain: str, today: date) -> date | None:
    if "day after tomorrow" in plain:
        return today + timedelta(days=2)
    if re.search(r"\b(?:tomorrow|tmrw|tmr)\b", plain):
        return today + timedelta(days=1)
    if (match := _ISO.search(plain)) is not None:
        return _valid(int(match[1]), int(match[2]), int(match[3]))
    if (match := _MONTH_DAY.search(plain) or _DAY_MONTH.search(plain)) is not None:
        month = next(number for number, name in enumerate(_MONTHS, start=1) if name.startswith(match["month"][:3]))
        return _coming(today, month, _number(match["day"]))
    alone = _DAY_ALONE.search(plain)
    numbered = _coming(today, None, _number(alone[1])) if alone is not None else None
    if (match := _WEEKDAY.search(plain)) is not None:
        weekday = _WEEKDAYS.index(match[2])
        if numbered is not None and numbered.weekday() == weekday:
            return numbered
        return _weekday(today, weekday, following=match[1] == "next")
    if alone is not None:
        return numbered
    if re.search(r"\b(?:today|tonight|this (?:morning|afternoon|evening))\b", plain):
        return today
    return None


def _weekday(today: date, weekday: int, *, following: bool) -> date:
    """The next such day after today; with "next", the one of next week."""
    if following:
        return _monday(today) + timedelta(days=7 + weekday)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _number(word: str) -> int:
    return _ORDINALS[word] if word in _ORDINALS else int(re.sub(r"\D", "", word))


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _coming(today: date, month: int | None, day: int) -> date | None:
    """The next such date that is not past; without a month, of this month or the next."""
    found = _valid(today.year, month or today.month, day)
    if found is not None and found >= today:
        return found
    if month is not None:
        return _valid(today.year + 1, month, day)
    following = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
    return _valid(following.year, following.month, day)


def _time(plain: str, part: Part | None, *, bare_hour: bool) -> time | None:
    if re.search(r"\b(?:noon|midday)\b", plain):
        return time(12)
    if (match := _CLOCK.search(plain)) is not None:
        return _at(int(match[1]), int(match[2]), match[3], part)
    if (match := _HALF_DAY.search(plain)) is not None:
        return _at(_hour(match[1]), _minutes(match[2]), match[3], part)
    if (match := _PAST_TO.search(plain)) is not None:
        minutes = {"half": 30, "quarter": 15}.get(match[1]) or _MINUTES[match[1]]
        hour = _hour(match[3])
        return (
            _at(hour, minutes, None, part)
            if match[2] in ("past", "after")
            else _at(hour - 1 or 12, 60 - minutes, None, part)
        )
    match = _OCLOCK.search(plain)
    if match is not None:
        return _at(_hour(match[1]), 0, None, part)
    match = _AT_HOUR.search(plain) or (_BARE_HOUR.search(plain) if bare_hour else None)
    return _at(_hour(match[1]), _minutes(match[2]), None, part) if match is not None else None


def _hour(word: str) -> int:
    return _HOURS.get(word) or int(word)


def _minutes(word: str | None) -> int:
    return _MINUTES[word] if word else 0


def _at(hour: int, minute: int, half: str | None, part: Part | None) -> time | None:
    """Without a half of the day named, one to seven o'clock are in the afternoon: nobody meets at four at night."""
    if half is not None:
        hour = hour % 12 + (12 if half.lstrip().startswith("p") else 0)
    elif hour <= 7 or (hour < 12 and part in ("afternoon", "evening") and hour != 11):
        hour += 12 if 1 <= hour <= 11 and part != "morning" else 0
    return time(hour, minute) if 0 <= hour <= 23 and 0 <= minute <= 59 else None
