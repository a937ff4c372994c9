"""What is said of a meeting, told by the words alone: what becomes of it is decided in ``meeting``."""

import re
from datetime import timedelta
from typing import Final

from pipelines.playbook.understanding import Understanding

_BESIDE: Final = re.compile(
    r"\b(?:both|an? (?:second|extra) (?:one|meeting|call|demo)|second meeting|another (?:meeting|demo)"
    r"|additional meeting"
    r"|in addition|as well|besides|also book)\b"
)
_SHIFTS: Final = {
    "half an hour": 30, "thirty minutes": 30, "30 minutes": 30, "an hour": 60, "one hour": 60, "two hours": 120,
}  # fmt: skip
_SHIFT: Final = re.compile(rf"\b({'|'.join(_SHIFTS)}) (earlier|later|before|after)\b")
_CANCEL: Final = re.compile(
    r"\b(?:cancel|call off) (?:(?:that|the|my|our|this|it)\b ?)+(?:meeting|appointment|call|demo|booking|slot)?"
    r"(?: (?:please|then|again|altogether|completely|entirely|instead|for me|too|also|as well|now))*$"
    r"|\b(?:id like|i would like|i want|i need|i have|i must|we want|we need|we have|need|have) (?:to )?cancel(?: (?:altogether|completely|entirely|after all|then|please|now|instead|though))*$"
    r"|\b(?:dont|do not) (?:want|need) (?:the|that|my|our|this) (?:meeting|appointment|call|demo)"
    r"(?: (?:any ?more|now|after all|then))*$"
)
_CANCEL_ONE: Final = re.compile(
    r"\b(?:cancel|call off) (?:(?:the|my|our|this) )+(?:meeting|appointment|call|demo|booking|slot)\b"
    r"(?!.*\b(?:and|but|instead|move|other|another|rather|book|make|to)\b)"
)
"""With its time behind it: no other time is wanted."""

_WISHES: Final = re.compile(r"\b(?:meet|book|schedule|move|make|instead|rather|another|new)\b")
_READY: Final = re.compile(
    r"\bwhat(?:s| is| are| comes| happens)(?: the| our)? next(?: steps?)?(?: then)?$|\bsign (?:me|us) up\b|\bget (?:this|it) signed\b|\b(?:ready|want) to (?:sign|order)\b|\bwhere do (?:i|we) sign$|\bwhat (?:would|do) (?:i|we) (?:need|have) to do$"
    r"|^(?:(?:ok|okay|yes|great|alright|perfect|cool) )*(?:im|were|count me|count us) in$"
    r"|\bhow (?:do|can|would) (?:we|i) (?:proceed|go on|go forward|move forward|get (?:going|started)|start|begin|sign up)"
    r"(?=$| (?:then|please|now|with (?:you|this|it))\b)|\blets (?:move|go) (?:forward|ahead)\b"
)
"""Sold: what is left is to meet."""

_LEAVES_IT: Final = re.compile(
    r"(?:(?:(?:actually|no|oh|ok|okay|well|sorry|please|lets|just|um|then|so|fine|alright|we can|you can|i would|id|rather) )*(?:(?:keep|leave) (?:it|that|the \w+|this)"
    r"(?: (?:as (?:it )?(?:is|was)|then|there|please|where it (?:is|was)))*|never ?mind(?: that| it)?|forget (?:it|that|about it)"
    r"|(?:i )?(?:dont|do not) (?:want|need) (?:a|the|that|any) (?:meeting|call|demo|appointment)"
    r"(?: (?:any ?more|now|after all|then))*)(?: |$))+"
)
_AS_BEFORE: Final = re.compile(
    r"\b(?:keep|leave|put|move|change|switch|make|go|take)\b.{0,20}\b(?:(?:as|where|the way) it was|(?:like|as) before"
    r"|(?:old|original|previous) (?:one|time|slot|day|date))\b"
    r"|\b(?:old|original|previous) (?:one|time|slot|day|date) (?:is|was|works|suits)\b"
)
_WRITE_INSTEAD: Final = re.compile(
    r"\b(?:never ?mind|forget (?:it|that|about it|(?:the|a) (?:meeting|call|demo|appointment)))\b"
    r"|\b(?:just|rather) (?:e ?mail|write)\b(?!.*\binvit)"
)
"""Beside an address: no meeting."""

_ON_A_WEEKDAY: Final = re.compile(
    r"(?<!this )(?<!next )(?<!coming )\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b(?! (?:the )?\d)(?! (?:next|this))"
)
_SAME_TIME: Final = re.compile(r"\bsame (?:time|hour)\b")
_OTHER_ONE: Final = re.compile(r"\bthe other (?:one|time|slot|day|option)\b")
_PROPOSES: Final = re.compile(
    r"\b(?:how|what) about\b|\b(?:can|could) (?:you|we) (?:\w+ )?(?:do|make|meet|say|talk|speak|call)\b|\bcall me\b"
    r"|\bare you free\b|\bdo you have (?:anything|time|a slot|something)\b"
)
_ANY_TIME: Final = re.compile(r"\b(?:either|any ?time|both|whichever|you (?:choose|pick)|doesnt matter|whatever)\b")

_LOOSE: Final = frozenset({"other", "qualification_answer"})


def cancels(latest: Understanding) -> bool:
    """ "Cancel it": the one there is."""
    return _CANCEL.search(latest.plain) is not None and not (latest.moment or latest.asks)


def cancels_one_then(latest: Understanding) -> bool:
    """ "Cancel my appointment tomorrow at three"."""
    words = _CANCEL_ONE.search(latest.plain) or _CANCEL.search(latest.plain)
    return words is not None and bool(latest.moment) and not (latest.asks or latest.or_moment)


def tells_which(latest: Understanding) -> bool:
    """Whether a time is that of the meeting they would cancel, and no wish; or they know none."""
    wishes = _WISHES.search(latest.plain) is not None or _PROPOSES.search(latest.plain) is not None
    return bool(latest.moment or latest.says("does_not_know")) and not (
        wishes or latest.asks or latest.intent == "goodbye"
    )


def leaves_it(latest: Understanding) -> bool:
    """Whether no other time is wanted than there is, or none at all."""
    return _LEAVES_IT.fullmatch(latest.plain) is not None


def wants_it_as_before(latest: Understanding) -> bool:
    """ "Put it back to the old time"."""
    return _AS_BEFORE.search(latest.plain) is not None


def wants_mail_instead(latest: Understanding) -> bool:
    """Whether an address is given in place of a time."""
    written = latest.facts.email is not None and not latest.moment
    return written and _WRITE_INSTEAD.search(latest.plain) is not None


def wants_both(latest: Understanding) -> bool:
    """A meeting beside the one there is."""
    return _BESIDE.search(latest.plain) is not None


def wants_to_meet(latest: Understanding) -> bool:
    """Whether they ask for a meeting, name a time for one, or are sold."""
    return latest.intent == "booking" or proposes(latest) or _READY.search(latest.plain) is not None


def proposes(latest: Understanding) -> bool:
    """ "How about friday?", or a day and an hour in one breath."""
    moment = latest.moment
    if _PROPOSES.search(latest.plain) is not None:
        return bool(moment) and moment.without is None
    tells_other = latest.facts.timing is not None or latest.facts.need is not None
    return moment.day is not None and moment.at is not None and latest.intent in _LOOSE and not tells_other


def chooses_briefly(latest: Understanding) -> bool:
    """Whether a few words name one of the times at issue, or another: "the second one", "thursday then"."""
    moment = latest.moment
    names_one = latest.choice is not None or means_other_one(latest)
    return names_one or (latest.brief and (moment.day or moment.at or moment.part) is not None)


def means_other_one(latest: Understanding) -> bool:
    """Of two times the one that was not taken."""
    return _OTHER_ONE.search(latest.plain) is not None


def agrees(latest: Understanding) -> bool:
    """To what was offered, whichever it is."""
    says_yes = latest.polarity == "yes" and not latest.asks
    return not latest.moment and (says_yes or _ANY_TIME.search(latest.plain) is not None)


def declines(latest: Understanding) -> bool:
    """What was offered, and nothing is said beside it."""
    of_address = latest.says("gives_no_address", "keeps_address")
    return latest.polarity == "no" and not (latest.objection or latest.asks or of_address)


def shift(latest: Understanding) -> timedelta | None:
    """How much later it is to be, or earlier (negative)."""
    found = _SHIFT.search(latest.plain)
    if found is None:
        return None
    return timedelta(minutes=_SHIFTS[found[1]]) * (1 if found[2] in ("later", "after") else -1)


def names_weekday(latest: Understanding) -> bool:
    """A weekday alone, which may be that of any week."""
    return _ON_A_WEEKDAY.search(latest.plain) is not None


def wants_same_hour(latest: Understanding) -> bool:
    return _SAME_TIME.search(latest.plain) is not None
