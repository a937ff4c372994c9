"""The meeting two are talking about: which times were offered, which is agreed on, what is to be moved or cancelled.

Derived from the words alone, like the rest of the state. Knows nothing of who the caller is or what else was asked.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from pipelines.playbook import meeting_words as words
from pipelines.playbook.extract.times import Moment
from pipelines.playbook.slots import Choice, choose, either, fits, spoken_clock, spoken_slot
from pipelines.playbook.understanding import Understanding
from pipelines.playbook.utterance import Utterance

_WEEK: Final = timedelta(days=7)

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

    def observe_request(self, start: datetime | None, *, adds: bool) -> None:
        """A meeting at this time was asked for. It says more than the words before: among the times that are free now it
        may no longer be found."""
        if start is not None:
            self._take(start, adds=adds)

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
        if self._asks_to_cancel(latest) or (asked_which and words.tells_which(latest)):
            return self._cancel(latest, asked_which=asked_which)
        if self.slot is not None and (by := words.shift(latest)) is not None:
            return self._shift(self.slot + by, latest)
        if words.wants_it_as_before(latest) and (before := self._before) is not None:
            return self._agree(before, latest)
        is_open = asked if self.booked else self.wanted
        if is_open and words.leaves_it(latest):
            return self._leave_it()
        if self.wanted and self.slot is None and self._is_first and words.wants_mail_instead(latest):
            return self._drop("by_mail")
        if latest.intent == "reschedule":
            self._reopen()
            self.wish = "move"
        concerns_times = listening and latest.intent != "goodbye" and (asked or self._concerns_times(latest))
        return self._hear_time(latest, asked=asked) if concerns_times else None

    def _asks_to_cancel(self, latest: Understanding) -> bool:
        """The one there is, or one nobody here knows."""
        named = self._time_of(latest.moment)
        is_theirs = named is not None and self.existing in (None, named)
        return words.cancels(latest) or (is_theirs and words.cancels_one_then(latest))

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

    def _drop(self, heard: Heard) -> Heard:
        """Of a meeting, or of another time for it, nothing more is wanted."""
        self.slot, self.wish, self.offered = None, None, ()
        return heard

    def _concerns_times(self, latest: Understanding) -> bool:
        """Whether a text is about when to meet, though nobody asked just now."""
        if latest.intent == "reschedule" or words.wants_to_meet(latest):
            return True
        return not latest.learns and bool(self.offered or self.slot) and words.chooses_briefly(latest)

    def _hear_time(self, latest: Understanding, *, asked: bool) -> Heard | None:
        """A time chosen among those offered or named freely; a wish to meet, or to meet at another time."""
        if not self.wanted and words.wants_to_meet(latest):
            self.wish = "meet"
        if asked and self._is_asked_of_standing and self._leaves_standing(latest):
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
        chosen = self.choice.chosen or self._chosen_by_words(latest, asked=asked)
        if chosen is not None and chosen != self.slot:
            return self._agree(chosen, latest)
        if self.slot is not None and not self.booked and self.choice.alternatives:
            self._reopen()  # another day was named, and its hour is open
        elif asked and not self.choice.alternatives and words.declines(latest):
            self.declined_times += 1
        return None

    def _chosen_by_words(self, latest: Understanding, *, asked: bool) -> datetime | None:
        """ "The other one"; and yes to an offer is yes to its first time, as is "either"."""
        others = [time for time in self.offered if time != self.slot]
        if len(others) == 1 and words.means_other_one(latest):
            return others[0]
        return self.offered[0] if asked and self.offered and words.agrees(latest) else None

    def _agree(self, chosen: datetime, latest: Understanding) -> Heard:
        """A meeting there is is moved, unless a second one was asked for; the time it has leaves it where it is."""
        if chosen == self.standing:
            return self._leave_it()
        self._take(chosen, adds=self.adds or (self.standing is not None and words.wants_both(latest)))
        return "chosen"

    def _take(self, chosen: datetime, *, adds: bool) -> None:
        self.adds = adds
        self.moved_from = self.standing if isinstance(self.standing, datetime) and not adds else None
        self.booked, self.slot, self._span = False, chosen, None

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

    def _shift(self, to: datetime, latest: Understanding) -> Heard | None:
        """To another time on the same day."""
        self._reopen()
        self.choice = choose(Moment(day=to.date(), at=to.time()), None, (), self.free)
        return self._agree(self.choice.chosen, latest) if self.choice.chosen is not None else None

    def _meant(self, latest: Understanding, *, asked: bool) -> Moment:
        """What was said of when: "the same time" is that of the meeting there is, a weekday the one that was offered,
        and a time without a day is on the day that was, or on that of the meeting."""
        moment = latest.moment
        if moment.at is None and self.existing is not None and words.wants_same_hour(latest):
            moment = msgspec.structs.replace(moment, at=self.existing.time())
        near = self.slot if asked else self.slot or self.existing
        days = {near.date()} if near is not None else {slot.date() for slot in self.offered}
        if asked and self.offered and words.wants_same_hour(latest):
            days = {slot.date() for slot in self.offered}
        if moment.day is not None and moment.day - self.now.date() <= _WEEK and words.names_weekday(latest):
            same = {slot.date() for slot in self.offered if slot.weekday() == moment.day.weekday()}
            same |= self._days_within(moment.day)
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

    @property
    def _is_asked_of_standing(self) -> bool:
        """Whether the times on offer are for what becomes of the meeting there is, which nobody asked to be moved, or
        cannot be."""
        return self.standing == "undisclosed" or (self.standing is not None and self.wish != "move")

    def _leaves_standing(self, latest: Understanding) -> bool:
        """Whether the meeting there is stays alone; else what is agreed to now moves it, or stands beside it."""
        both = self.adds or words.wants_both(latest)
        if not both and latest.polarity == "no" and not (latest.moment or latest.asks):
            return True
        self.adds = both or self.standing == "undisclosed"
        return False
