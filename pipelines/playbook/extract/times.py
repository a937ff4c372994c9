"""When somebody can meet, in what they say: "tomorrow afternoon", "next tuesday at half past two", "noon Eastern"."""

import re
from datetime import date, datetime, time
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from pipelines.calendar.zones import named_zone
from pipelines.playbook.extract.days import WEEKDAY, Span, find_day, find_span

Part = Literal["morning", "afternoon", "evening"]
Bound = Literal["before", "after"]


class Moment(Struct, frozen=True):
    """What a text says about when. ``span``: days of a week or month named without a day ("next week"). ``bound``: any
    time before ``at``, or not before it ("after three"). ``first``: as early as can be. ``without``: the day it rules
    out ("not friday"). ``zone``: by whose clock ``at`` was said, an IANA name; ``day`` and ``at`` are by ours."""

    day: date | None = None
    at: time | None = None
    part: Part | None = None
    span: Span | None = None
    bound: Bound | None = None
    first: bool = False
    without: date | None = None
    zone: str | None = None

    @property
    def first_day(self) -> date | None:
        return self.span[0] if self.day is None and self.span is not None else self.day

    def __bool__(self) -> bool:
        return any(value is not None for value in (self.day, self.at, self.part, self.span, self.without))


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
_CLOCK: Final = re.compile(r"\b(\d{1,2})[:.h](\d{2})\b ?(a\.?m|p\.?m)?")
_HALF_DAY: Final = re.compile(rf"\b(\d{{1,2}}|{_HOUR_WORD})(?: ({_MINUTE_WORD}))? ?(a ?\.?m|p ?\.?m)\b")
_PAST_TO: Final = re.compile(
    rf"\b(half|quarter|ten|twenty|five)(?: minutes)? (past|to|after|before) (\d{{1,2}}|{_HOUR_WORD})\b"
)
_HALF_OF: Final = re.compile(rf"\bhalf ({_HOUR_WORD})\b")
"""Half past, as the British say it."""

_LATE_HOURS: Final = {
    word: value
    for value, word in enumerate("thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), start=13)
}
_OCLOCK: Final = re.compile(rf"\b(\d{{1,2}}|{_HOUR_WORD}|{'|'.join(_LATE_HOURS)}) (?:o'? ?clock|hundred hours)\b")
_HOURS_SIGN: Final = re.compile(r"\b([01]?\d|2[0-3]) ?(?:h|hrs|uhr)\b")
_HOUR_AFTER: Final = (
    rf" (\d{{1,2}}|{_HOUR_WORD})\b(?: ({_MINUTE_WORD})\b)?"
    r"(?! ?(?:[:.]\d|people|reps|users|of|dollars|k\b|percent|minutes|days|weeks|hours|hundred|thousand|grand|dot|am|pm"
    r"|months?|years?|calls?|callers?|leads?|inquiries|seats|staff|guys|agents|sellers|employees|a (?:day|week|month)"
    r"|\w*teen))"
)
_AT_HOUR: Final = re.compile(
    rf"\b(?:at|by|after|make it|(?:can|could) (?:you |we |i )?do|lets do|let's do|{WEEKDAY})" + _HOUR_AFTER
)
_ABOUT_HOUR: Final = re.compile(r"\b(?:around|about|say|for|do)" + _HOUR_AFTER)
"""A time only where times are talked about: "we are about six" tells the size of a team."""

_BARE_HOUR: Final = re.compile(
    rf"(?:^(?:\w+ )?|(?:day|tomorrow|maybe|like|just|um|uh|then) )(\d{{1,2}}|{_HOUR_WORD})(?: ({_MINUTE_WORD}))?"
    r"(?= (?:works|is|would|sounds|please|then|suits|on|in|tomorrow|\w+day)\b|$)"
)
_BOUND: Final = re.compile(
    rf"(?<!quarter )(?<!ten )(?<!five )(?<!twenty )(?<!minutes )\b(?:(after|later than|not before)|(before"
    rf"|earlier than))"
    rf" (?:about |around )?(?:\d|(?:{_HOUR_WORD}|half|quarter|noon)\b)"
)
_ROUGHLY: Final = re.compile(rf"\b(\d{{1,2}}|{_HOUR_WORD}|noon)[ -]?ish\b")
_AT_ONCE: Final = re.compile(
    r"\b(?:(?:right |straight )?(?:now|away)|immediately|in (?:an?|half an|one) hour|in \S+ minutes)\b"
)
_FIRST: Final = re.compile(r"\bfirst thing\b|\bearliest\b|\bas early as\b")
_ZONE: Final = re.compile(
    r"\b(?:(?P<american>eastern|central|mountain|pacific)\b(?: (?:standard |daylight )?time\b)?"
    r"|(?P<short>e[sd]?t|c[sd]t|m[sd]t|p[sd]?t|gmt|utc|bst|cest|cet)\b|(?P<city>[a-z]+(?: [a-z]+)?) time\b)"
)
_SHORT_ZONES: Final = {
    **dict.fromkeys(("et", "est", "edt"), "eastern time"), **dict.fromkeys(("cst", "cdt"), "central time"),
    **dict.fromkeys(("mst", "mdt"), "mountain time"), **dict.fromkeys(("pt", "pst", "pdt"), "pacific time"),
    "gmt": "utc", "utc": "utc", "bst": "london time", "cet": "cet", "cest": "cet",
}  # fmt: skip
_PARTS: Final = r"mornings?|afternoons?|evenings?"
_LEFT_OUT: Final = re.compile(
    rf"\b(?:not|except|anything but|instead of|rather than|can(?:'?t|not) (?:do|make)) (?:on |in the |the |this "
    rf"|next )*"
    rf"(?P<no>{WEEKDAY}s?|tomorrow|{_PARTS})\b"
    rf"|\bno (?P<none>{WEEKDAY}s|mornings|afternoons|evenings)\b"
    rf"|\b(?P<bad>{WEEKDAY}s?|tomorrow|{_PARTS}) (?:(?:does|do|wo|would|is|are)n'?t|(?:will|would|does|do|is|are) not"
    r"|(?:is|are)(?= (?:bad|out|full|no|too|terrible|difficult|impossible))) \w+(?: good| early| late)?(?: for me\b)?"
)
"""What is said not to suit. "No, friday" is another matter: it corrects."""

_PART: Final = re.compile(r"\b(?:(morning)s?|(afternoon)s?|after (lunch)|(evening)s?|(?:to)(night))\b")


_OR: Final = re.compile(r",? (?:or|otherwise|alternatively)(?: else)?,? ", re.IGNORECASE)


@lru_cache(maxsize=2048)
def find_moments(text: str, now: datetime, *, bare_hour: bool = False) -> tuple[Moment, Moment]:
    """``find_moment`` of a text that may name two: "thursday at three or friday morning". The other is empty where
    there is one. What is said of one of them holds for both: "tuesday or wednesday at ten", "monday at two or three"."""
    for split in _OR.finditer(text):
        first = find_moment(text[: split.start()], now, bare_hour=bare_hour)
        other = find_moment(text[split.end() :], now, bare_hour=bare_hour or first.at is not None)
        if first.day is not None and (first.day - now.date()).days > 6 and (other.day or first.day) < first.day:
            then = datetime.combine(first.day, now.time(), tzinfo=now.tzinfo)
            other = find_moment(text[split.end() :], then, bare_hour=bare_hour)  # "next thursday or friday"
        if first and other and first != other and not (first.without or other.without):
            return _of_both(first, other), _of_both(other, first)
    return find_moment(text, now, bare_hour=bare_hour), Moment()


def _of_both(moment: Moment, beside: Moment) -> Moment:
    """A moment with what only the one beside it says: the day, or else the hour or the part of the day."""
    if moment.day is None and moment.span is None and (moment.at or moment.part):
        return structs.replace(moment, day=beside.day, span=beside.span)
    if moment.at is None and moment.part is None and moment.day is not None:
        return structs.replace(moment, at=beside.at, part=beside.part, bound=beside.bound, zone=beside.zone)
    return moment


@lru_cache(maxsize=2048)
def find_moment(text: str, now: datetime, *, bare_hour: bool = False) -> Moment:
    """What the text says about when, seen from ``now``. ``bare_hour``: a lone number is a time, as a time was asked
    for."""
    plain = " ".join(
        re.sub(r"[,!?]|\.(?=\s|$)", " ", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).split()
    )
    today = now.date()
    left_out = _LEFT_OUT.search(plain)
    plain = _ROUGHLY.sub(r"around \1", _LEFT_OUT.sub(" ", plain))
    part = _part(plain)
    day = find_day(plain, today)
    at = _time(plain, part, loosely=bare_hour or (day or part) is not None, bare_hour=bare_hour)
    without = None
    if left_out is not None and not (day or at or part):
        unsuitable = left_out["no"] or left_out["none"] or left_out["bad"]
        part, without = _other_part(_part(unsuitable)), find_day(unsuitable, today)
    if day is None and at is None and bare_hour and _AT_ONCE.search(plain) is not None:
        day = today
    moment = Moment(
        day=day,
        at=at,
        part=part,
        span=find_span(plain, today) if day is None else None,
        bound=_bound(plain) if at is not None else None,
        first=_FIRST.search(plain) is not None,
        without=without,
    )
    return _by_our_clock(moment, plain, now) if at is not None else moment


def _by_our_clock(moment: Moment, plain: str, now: datetime) -> Moment:
    """A time named by another clock, as it is by that of ``now``."""
    zone = _named_clock(plain)
    if zone is None or moment.at is None or now.tzinfo is None:
        return moment
    ours = datetime.combine(moment.day or now.date(), moment.at, tzinfo=zone).astimezone(now.tzinfo)
    return structs.replace(moment, day=ours.date() if moment.day is not None else None, at=ours.time(), zone=zone.key)


def _named_clock(plain: str) -> ZoneInfo | None:
    for match in _ZONE.finditer(plain):
        american, short = match["american"], match["short"]
        zone = named_zone(f"{american} time" if american else _SHORT_ZONES[short] if short else match[0])
        if zone is not None:
            return zone
    return None


def _other_part(part: Part | None) -> Part | None:
    """What is left of the day without it, as far as people meet then."""
    return None if part is None else "afternoon" if part == "morning" else "morning"


def _bound(plain: str) -> Bound | None:
    match = _BOUND.search(plain)
    if match is None:
        return None
    return "after" if match[1] else "before"


def _part(plain: str) -> Part | None:
    match = _PART.search(plain.replace("good morning", "").replace("good afternoon", "").replace("good evening", ""))
    if match is None:
        return None
    return "morning" if match[1] else "evening" if match[4] or match[5] else "afternoon"


def _time(plain: str, part: Part | None, *, loosely: bool, bare_hour: bool) -> time | None:
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
    if (match := _HALF_OF.search(plain)) is not None:
        return _at(_hour(match[1]), 30, None, part)
    if (match := _OCLOCK.search(plain)) is not None:
        return _at(_LATE_HOURS.get(match[1]) or _hour(match[1]), 0, None, part)
    if loosely and (match := _HOURS_SIGN.search(plain)) is not None:
        return _at(int(match[1]), 0, None, part)
    match = _AT_HOUR.search(plain)
    if match is None and loosely:
        match = _ABOUT_HOUR.search(plain)
    if match is None and bare_hour:
        match = _BARE_HOUR.search(plain)
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
