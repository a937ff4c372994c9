"""What a person's answer to an offer of times means, whether a program sent it or somebody said it. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from pipelines.calendar.zones import named_zone
from pipelines.playbook.extract.times import Moment
from pipelines.playbook.slots import choose
from pipelines.playbook.understanding import understand
from storage import email_address

Meaning = Literal["confirmed", "declined", "other_times", "unclear"]

MAX_CHARS: Final = 2000
_NUMBER: Final = re.compile(r"\W*(?:option |number |slot |time |the )?\W*([1-9])\W*", re.IGNORECASE)
"""All that was said: the place of a time in the offer, and not the hour of the day."""

_PLACE: Final = r"(?:the |on )?(?:first|second|third|last|1st|2nd|3rd)(?: (?:one|time|slot))?"
_REFUSED: Final = re.compile(
    rf"\b(?:not|except|(?:any|every)thing but|(?:can'?t|cannot) (?:do|make)) {_PLACE}(?! (?:is|works|suits))\b"
    rf"|\b{_PLACE} (?:(?:is|does|will|would) not|(?:isn|doesn|won|wouldn)'?t)\b"
    r"(?: (?:work|suit|fit|do|good|possible))?",
    re.IGNORECASE,
)
"""One of the times, by its place, that does not suit: whoever names it does not choose it."""

_NO_THANKS: Final = re.compile(r"\bno,? (?:many )?thank(?:s| you)\b")
_OTHER: Final = re.compile(r"\b(?:another|other|different|later|earlier|neither|none of)\b")
TEXTS: Final = ("answer", "message", "text")
"""Where the sentence of an answer may stand."""

_YES: Final = ("confirmed", "approved", "accept")
_START: Final = ("start", "slot", "time", "choice")


class Decision(Struct, frozen=True):
    """``start``: the time agreed to, one of those offered · ``wanted``: with ``other_times``, when they would rather ·
    ``email`` and ``name``: what the answer told beside it."""

    meaning: Meaning
    start: datetime | None = None
    wanted: Moment = Moment()
    email: str | None = None
    name: str | None = None


def read_answer(answer: Any, offered: Sequence[datetime], now: datetime) -> Decision:
    """``answer``: ``true``, ``{"confirmed": true, "start": …}`` (a time of the offer, or its number from 1, or words),
    or a sentence. A plain yes takes the first time. ``offered`` and ``now`` in the lead's time zone."""
    match answer:
        case bool():
            return Decision("confirmed", offered[0]) if answer and offered else Decision("declined")
        case str() if (number := _NUMBER.fullmatch(answer)) is not None and int(number[1]) <= len(offered):
            return Decision("confirmed", offered[int(number[1]) - 1])
        case str():
            return _said(answer[:MAX_CHARS], offered, now)
        case int() if 1 <= answer <= len(offered):
            return Decision("confirmed", offered[answer - 1])
        case Mapping():
            return _given(answer, offered, now)
        case _:
            return Decision("unclear")


def zone_told(answer: Any) -> ZoneInfo | None:
    """By which clock the person lives: ``{"time_zone": "Europe/Berlin"}``, or a sentence that names a zone."""
    told = answer.get("time_zone") if isinstance(answer, Mapping) else answer
    return named_zone(told[:MAX_CHARS]) if isinstance(told, str) else None


def _given(answer: Mapping[str, Any], offered: Sequence[datetime], now: datetime) -> Decision:
    yes = next((answer[name] for name in _YES if isinstance(answer.get(name), bool)), None)
    wanted = next((answer[name] for name in _START if answer.get(name) not in (None, "")), None)
    email, name = _text(answer.get("email")), _text(answer.get("name"))
    email = email_address.normalised(email)
    if yes is False:
        return Decision("declined", email=email, name=name)
    if wanted is None and yes is None:
        words = next((answer[key] for key in TEXTS if isinstance(answer.get(key), str)), None)
        found = read_answer(words, offered, now)
    elif wanted is None:
        found = read_answer(True, offered, now)
    elif (moment := _moment(wanted, now.tzinfo)) is not None:
        rather = Decision("other_times", wanted=Moment(day=moment.date(), at=moment.time()))
        found = Decision("confirmed", moment) if moment in offered else rather
    else:
        found = read_answer(wanted, offered, now)
    return structs.replace(found, email=email or found.email, name=name or found.name)


def _moment(wanted: Any, zone: tzinfo | None) -> datetime | None:
    """What an RFC 3339 time means in the lead's time zone."""
    try:
        moment = datetime.fromisoformat(wanted)
        return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
    except (TypeError, ValueError, OverflowError):
        return None


def _said(text: str, offered: Sequence[datetime], now: datetime) -> Decision:
    text, refused = _REFUSED.subn(" ", text.replace("\u2019", "'"))
    heard = understand(text, "time_slot", now.replace(hour=0, minute=0, second=0, microsecond=0))
    email, name = heard.facts.email, heard.facts.name
    choice = choose(heard.moment, heard.choice, offered, offered)
    if choice.chosen is None and heard.choice is not None and offered:
        # "The first" is the first of those offered before it is a day of the month.
        choice = choose(Moment(), heard.choice, offered, offered)
    if choice.chosen is not None:
        return Decision("confirmed", choice.chosen, email=email, name=name)
    if _OTHER.search(heard.plain):
        return Decision("other_times", wanted=heard.moment, email=email, name=name)
    if heard.intent in ("opt_out", "goodbye"):
        return Decision("declined", email=email, name=name)
    if heard.moment:
        return Decision("other_times", wanted=heard.moment, email=email, name=name)
    if heard.polarity == "yes" and offered and not refused:
        return Decision("confirmed", offered[0], email=email, name=name)
    if refused:
        return Decision("other_times", email=email, name=name)
    if heard.polarity == "no":
        is_over = heard.intent == "objection" or _NO_THANKS.search(heard.plain) is not None
        return Decision("declined" if is_over else "other_times", email=email, name=name)
    return Decision("unclear", email=email, name=name)


def _text(value: Any) -> str | None:
    return value.strip()[:300] or None if isinstance(value, str) else None
