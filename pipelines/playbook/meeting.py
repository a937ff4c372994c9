"""The meeting two are talking about: which times were offered, which is agreed on, what is to be moved or cancelled.

Derived from the words alone, like the rest of the state. Knows nothing of who the caller is or what else was asked.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from pipelines.playbook.extract.times import Moment
from pipelines.playbook.slots import Choice, choose, either, fits, spoken_clock, spoken_slot
from pipelines.playbook.understanding import Understanding
from pipelines.playbook.utterance import Utterance

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
    r"|\b(?:id like|i would like|i want|i need|i have|i must|we want|we need|we have|need|have) (?:to )?cancel$"
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
_WEEK: Final = timedelta(days=7)
_SAME_TIME: Final = re.compile(r"\bsame (?:time|hour)\b")
_LOOSE: Final = frozenset({"other", "qualification_answer"})
_OTHER_ONE: Final = re.compile(r"\bthe other (?:one|time|slot|day|option)\b")
_PROPOSES: Final = re.compile(
    r"\b(?:how|what) about\b|\b(?:can|could) (?:you|we) (?:\w+ )?(?:do|make|meet|say|talk|speak|call)\b|\bcall me\b"
    r"|\bare you free\b|\bdo you have (?:anything|time|a slot|something)\b"
)
_ANY_TIME: Final = re.compile(r"\b(?:either|any ?time|both|whichever|you (?:choose|pick)|doesnt matter|whatever)\b")


Heard = Literal["chosen", "kept", "let_go", "by_mail", "cancels", "cancels_unnamed", "cancels_unbooked"]
"""What a text does: settles on a time that is new; would rather leave the meeting there is; wants none after all; gives an
address instead of a time; cancels the meeting, or one of which nobody knows yet which, or one that was only talked of."""


class Meeting:
    """``observe_agent`` and ``observe_caller`` in the order of the messages, the tools' outcomes between them.

    ``free``: starting times to be had, soonest first. ``slot``: the time agreed on, ``booked`` once it stands.
    ``heard``: what the caller's last text does. ``offered``: the times last named to choose from; ``choice``: what the
    last text made of them. ``wish``: to meet, or to move the meeting to another time than it has. ``standing``: the
    meeting the caller has, booked here or before, told or not; it stays until another is booked in its place; ``adds``:
    they want ``slot`` beside it; ``moved_from``: the time that is given up for ``slot``. ``cancelled``: it was.
    ``clock_name``: what is said after a time to a caller who lives by another clock, with the space before it.
    """

    def __init__(self, now: datetime, free: Sequence[datetime]) -> None:
        self.now = now
        self.free = free
        self.slot: datetime | None = None
        self.booked = False
        self.offered: tuple[datetime, ...] = ()
        self.heard: Heard | None = None
        self.choice = Choice()
        self.declined_times = 0
        self.wish: Literal["meet", "move"] | None = None
        self.standing: datetime | Literal["undisclosed"] | None = None
        self.adds = False
        self.moved_from: datetime | None = None
        self.cancelled = False
        self._claimed: datetime | None = None
        """The meeting of which the caller alone says that it is there."""
        self.clock_name = ""
        self._span: tuple[date, date] | None = None
        """The days last named to meet within, as long as no time is chosen."""

    @property
    def existing(self) -> datetime | None:
        """The one the caller has, as far as it is known."""
        return self.standing if isinstance(self.standing, datetime) else self._claimed

    @property
    def stands(self) -> bool:
        """Whether they have one for certain."""
        return self.booked or isinstance(self.standing, datetime)

    @property
    def wanted(self) -> bool:
        """Whether the caller asked to meet."""
        return self.wish is not None

    @property
    def is_talked_of(self) -> bool:
        """Whether there is a wish to meet, or a time for it."""
        return self.wanted or self.slot is not None

    @property
    def cancels(self) -> bool:
        """Whether the last text asks for a meeting to be cancelled, be there one or not."""
        return self.heard in ("cancels", "cancels_unnamed", "cancels_unbooked")

    @property
    def _is_first(self) -> bool:
        """There is none yet, as far as it is known."""
        return self.existing is self.standing is None

    def name_clock(self) -> None:
        """From now on times are said with the name of our clock."""
        if isinstance(self.now.tzinfo, ZoneInfo):
            self.clock_name = f" {spoken_clock(self.now)}"

    def said(self, time: datetime | None) -> str:
        """A time as this caller is told it; "" without one."""
        return spoken_slot(time) + self.clock_name if time is not None else ""

    def observe_agent(self, utterance: Utterance) -> None:
        """The agent said this (or as much of it as was heard)."""
        if utterance.asks == "time_slot":
            self.offered = tuple(time for time in utterance.times if time != self.standing) or self.offered
        elif len(utterance.times) == 1 and utterance.times[0] != self.existing and (self.slot or utterance.books):
            self.slot = utterance.times[0]  # what the agent confirmed stands, with its date
        if self.booked or utterance.books:
            self._stand()

    def observe_booking(self, *, failed: bool) -> None:
        """The meeting was booked, or could not be: then its time is free no longer."""
        if not failed:
            self._stand()
            return
        self.free = [slot for slot in self.free if slot != self.slot]
        self._reopen()
        self.offered = ()

    def observe_standing(self, standing: datetime | None) -> None:
        """It was not booked: the caller has a meeting already. The time they chose is the one to move it to; where the
        calendar does not tell of it (None), the one to have beside it."""
        self.standing = standing or "undisclosed"
        self.offered = (self.slot,) if self.slot is not None else ()
        self.slot, self.booked, self.wish = None, False, "meet"

    def observe_cancelled(self) -> None:
        """The meeting is no more."""
        self.slot = self.standing = self._claimed = self.moved_from = self.wish = None
        self.booked = self.adds = False
        self.offered = ()
        self.cancelled = True

    def observe_not_cancelled(self) -> None:
        """Which meeting it is was the caller's word alone."""
        self._claimed = None

    def observe_caller(self, latest: Understanding, *, asked: bool, listening: bool = True) -> None:
        """The caller said this. ``asked``: for a time. Not ``listening``: they take leave for good, and what they say
        of times is no wish."""
        self.choice = Choice()
        self.heard = self._hear(latest, asked=asked, listening=listening)

    def _hear(self, latest: Understanding, *, asked: bool, listening: bool) -> Heard | None:
        if latest.had_moment and self.standing is None:
            self._claimed = self._time_of(latest.had_moment)
        asked_which = self.heard == "cancels_unnamed"  # by the text before
        if self._asks_to_cancel(latest) or (asked_which and self._tells_which(latest)):
            return self._cancel(latest, asked_which=asked_which)
        if self.slot is not None and (shift := _SHIFT.search(latest.plain)) is not None:
            return self._shift(self.slot, shift, latest)
        if _AS_BEFORE.search(latest.plain) is not None and (before := self._before) is not None:
            return self._agree(before, latest)
        is_open = asked if self.booked else self.wanted
        if is_open and _LEAVES_IT.fullmatch(latest.plain) is not None:
            return self._leave_it()
        if self._is_given_up_for_mail(latest):
            return self._drop("by_mail")
        if latest.intent == "reschedule":
            self._reopen()
            self.wish = "move"
        concerns_times = listening and latest.intent != "goodbye" and (asked or self._concerns_times(latest))
        return self._hear_time(latest, asked=asked) if concerns_times else None

    def _asks_to_cancel(self, latest: Understanding) -> bool:
        """ "Cancel it", or "cancel my appointment tomorrow at three": the one there is, or one nobody here knows."""
        if _CANCEL.search(latest.plain) is not None and not (latest.moment or latest.asks):
            return True
        named = self._time_of(latest.moment)
        words = _CANCEL_ONE.search(latest.plain) or _CANCEL.search(latest.plain)
        is_meant = words is not None and not (latest.asks or latest.or_moment)
        return is_meant and named is not None and self.existing in (None, named)

    def _tells_which(self, latest: Understanding) -> bool:
        """Whether a time is that of the meeting they would cancel, and no wish; or they know none."""
        wishes = _WISHES.search(latest.plain) is not None or _PROPOSES.search(latest.plain) is not None
        return bool(latest.moment or latest.does_not_know) and not (wishes or latest.asks or latest.intent == "goodbye")

    def _time_of(self, moment: Moment) -> datetime | None:
        """None: it names no one time."""
        if moment.day is None or moment.at is None or moment.bound is not None:
            return None
        return datetime.combine(moment.day, moment.at, tzinfo=self.now.tzinfo)

    def _cancel(self, latest: Understanding, *, asked_which: bool) -> Heard:
        named = self._time_of(latest.moment)
        if self.existing is None and named not in (None, self.slot):
            self._claimed = named
        elif self._is_first and self.is_talked_of:
            return self._drop("cancels_unbooked")
        return "cancels_unnamed" if self.existing is None and not asked_which else "cancels"

    def _is_given_up_for_mail(self, latest: Understanding) -> bool:
        only_wished = self.wanted and self.slot is None and self._is_first
        written = latest.facts.email is not None and not latest.moment
        return only_wished and written and _WRITE_INSTEAD.search(latest.plain) is not None

    def _drop(self, heard: Heard) -> Heard:
        """Of a meeting, or of another time for it, nothing more is wanted."""
        self.slot, self.wish, self.offered = None, None, ()
        return heard

    def _concerns_times(self, latest: Understanding) -> bool:
        """Whether a text is about when to meet, though nobody asked just now."""
        if latest.intent in ("booking", "reschedule") or self._proposes(latest) or _READY.search(latest.plain):
            return True
        if latest.learns or not (self.offered or self.slot):
            return False
        names_one = latest.choice is not None or _OTHER_ONE.search(latest.plain) is not None
        moment = latest.moment
        return names_one or (latest.brief and (moment.day or moment.at or moment.part) is not None)

    def _proposes(self, latest: Understanding) -> bool:
        """ "How about friday?", or a day and an hour in one breath."""
        moment = latest.moment
        if _PROPOSES.search(latest.plain) is not None:
            return bool(moment) and moment.without is None
        tells_other = latest.facts.timing is not None or latest.facts.need is not None
        return moment.day is not None and moment.at is not None and latest.intent in _LOOSE and not tells_other

    def _hear_time(self, latest: Understanding, *, asked: bool) -> Heard | None:
        """A time chosen among those offered or named freely; a wish to meet, or to meet at another time."""
        if not self.wanted and (_READY.search(latest.plain) or latest.intent == "booking" or self._proposes(latest)):
            self.wish = "meet"
        if asked and self.standing is not None and self.wish != "move" and self._leaves_standing(latest):
            return self._leave_it()
        before = self.existing.time() if self.existing is not None else None
        meant = self._meant(latest, asked=asked)
        if latest.moment.zone is not None:
            self.name_clock()
        if self.slot is not None and meant and fits(self.slot, meant):
            return None  # said once more
        self.choice = choose(meant, latest.choice, self.offered, self.free, rather=before)
        if latest.or_moment and self.choice.chosen is None:
            other = choose(latest.or_moment, None, self.offered, self.free, rather=before)
            self.choice = either(self.choice, other)
        chosen = self.choice.chosen or self._other_one(latest) or (self._agreed_time(latest) if asked else None)
        if chosen is not None and chosen != self.slot:
            return self._agree(chosen, latest)
        if self.slot is not None and not self.booked and self.choice.alternatives:
            self._reopen()  # another day was named, and its hour is open
        elif (
            asked and not self.choice.alternatives and latest.polarity == "no" and not (latest.objection or latest.asks)
        ):
            self.declined_times += 1
        return None

    def _agree(self, chosen: datetime, latest: Understanding) -> Heard:
        """A meeting there is is moved, unless a second one was asked for; the time it has leaves it where it is."""
        if chosen == self.standing:
            return self._leave_it()
        if self.standing is not None and _BESIDE.search(latest.plain) is not None:
            self.adds = True
        self.moved_from = self.standing if isinstance(self.standing, datetime) and not self.adds else None
        self.booked, self.slot, self._span = False, chosen, None
        return "chosen"

    def _stand(self) -> None:
        """The time agreed on is that of the meeting there is."""
        self.standing = self.slot or self.standing
        self.booked, self.adds = True, False

    def _leave_it(self) -> Heard:
        """No other time is wanted than that of the meeting there is, nor any where there is none."""
        if self.standing is None:
            return self._drop("kept" if self.wish == "move" else "let_go")
        self.slot = self.standing if isinstance(self.standing, datetime) else None
        self.moved_from, self.wish, self.offered = None, None, ()
        self._stand()
        return "kept"

    @property
    def _before(self) -> datetime | None:
        """The time it has, where another is wanted, or had before it was moved."""
        if self.booked:
            return self.moved_from
        return self.standing if isinstance(self.standing, datetime) else None

    def _reopen(self) -> None:
        """Another time is wanted than the one there is."""
        self.booked, self.slot = False, None
        self.wish = "move" if self.standing is not None else self.wish or "meet"

    def _shift(self, slot: datetime, words: re.Match[str], latest: Understanding) -> Heard | None:
        """So much earlier or later than the time there is, on the same day."""
        by = timedelta(minutes=_SHIFTS[words[1]]) * (1 if words[2] in ("later", "after") else -1)
        self._reopen()
        shifted = slot + by
        self.choice = choose(Moment(day=shifted.date(), at=shifted.time()), None, (), self.free)
        return self._agree(self.choice.chosen, latest) if self.choice.chosen is not None else None

    def _meant(self, latest: Understanding, *, asked: bool) -> Moment:
        """What was said of when: "the same time" is that of the meeting there is, a weekday the one that was offered,
        and a time without a day is on the day that was, or on that of the meeting."""
        moment = latest.moment
        if moment.at is None and self.existing is not None and _SAME_TIME.search(latest.plain):
            moment = msgspec.structs.replace(moment, at=self.existing.time())
        near = self.slot if asked else self.slot or self.existing
        days = {near.date()} if near is not None else {slot.date() for slot in self.offered}
        if moment.day is not None and moment.day - self.now.date() <= _WEEK and _ON_A_WEEKDAY.search(latest.plain):
            same = {slot.date() for slot in self.offered if slot.weekday() == moment.day.weekday()} | self._days_within(
                moment.day
            )
            if moment.day not in same and len(same) == 1:
                moment = msgspec.structs.replace(moment, day=same.pop())
        if moment.span is not None:
            self._span = moment.span
        hour = moment.at if moment.at is not None else moment.part
        if hour is not None and moment.day is None and moment.span is None and len(days) == 1:
            moment = msgspec.structs.replace(moment, day=days.pop())
        return moment

    def _days_within(self, day: date) -> set[date]:
        """The same weekday within the days last named: "next week", and then "wednesday"."""
        if self._span is None:
            return set()
        first, last = self._span
        on = first + timedelta(days=(day.weekday() - first.weekday()) % 7)
        return {on} if on <= last else set()

    def _leaves_standing(self, latest: Understanding) -> bool:
        """Whether the meeting there is stays alone; else what is agreed to now moves it, or stands beside it."""
        wants_both = _BESIDE.search(latest.plain) is not None
        if not (self.adds or wants_both) and latest.polarity == "no" and not (latest.moment or latest.asks):
            return True
        self.adds = self.adds or wants_both or self.standing == "undisclosed"
        return False

    def _other_one(self, latest: Understanding) -> datetime | None:
        """Of two times the one that was not taken."""
        others = [time for time in self.offered if time != self.slot]
        return others[0] if len(others) == 1 and _OTHER_ONE.search(latest.plain) is not None else None

    def _agreed_time(self, latest: Understanding) -> datetime | None:
        """Yes to an offer is yes to its first time, as is "either"."""
        if not self.offered or latest.moment:
            return None
        agrees = (latest.polarity == "yes" and not latest.asks) or _ANY_TIME.search(latest.plain) is not None
        return self.offered[0] if agrees else None
