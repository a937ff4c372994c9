"""What is known of a conversation, derived from its messages alone.

Nothing is kept between turns: every reply reads the history from its beginning, so it makes no difference whether the
playbook, a cloud model or another process spoke before, or whether the caller heard only half of what was said.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from pipelines.calendar.zones import spoken_zone
from pipelines.intent.answers import QUALIFYING
from pipelines.intent.labels import Expected, IntentLabel
from pipelines.playbook.extract.money import find_money, spoken_money
from pipelines.playbook.extract.times import Moment
from pipelines.playbook.objections import Objection
from pipelines.playbook.qualification import MAX_NEED_CHARS, NO_BUDGET, kept_numbers
from pipelines.playbook.slots import Choice, choose
from pipelines.playbook.understanding import MOST_WORDS_OF_CHOICE, Facts, Understanding, understand
from pipelines.playbook.utterance import read_utterance

MAX_CHANGES: Final = 3
"""A fact changed more often than this no longer counts as progress: somebody is playing."""

MAX_QUESTIONS: Final = 30
"""So many different questions of the caller count as progress; past them the talk is no longer about buying."""

MAX_UNANSWERED: Final = 2
"""A question is asked, rephrased once, and then left."""

MAX_ASKED: Final = 4
"""A question put so often, with the caller asking things in between, is left too."""

_SIDE_TURNS: Final[frozenset[IntentLabel]] = frozenset(
    {"repeat", "wait", "are_you_a_bot", "wants_person", "pricing", "product_question", "objection", "greeting",
     "small_talk", "opt_out", "goodbye", "booking", "reschedule"}
)  # fmt: skip
"""What a caller says beside the question; the question stays open."""

_FIELD_OF: Final[dict[Expected, str]] = {
    "need": "need", "team_size": "team_size", "budget": "budget", "authority": "authority", "timing": "timing",
    "name": "name", "company": "company", "email": "email", "referral": "referral",
}  # fmt: skip
_BESIDE: Final = re.compile(r"\b(?:both|second meeting|additional|in addition|as well|besides|also book)\b")
_KEEPS_ADDRESS: Final = re.compile(
    r"\b(?:wont|will not|not going to|dont want to|rather not|dont|do not|not)\b.{0,20}\b(?:e ?mail|address)\b"
)
_SHIFTS: Final = {
    "half an hour": 30, "thirty minutes": 30, "30 minutes": 30, "an hour": 60, "one hour": 60, "two hours": 120,
}  # fmt: skip
_SHIFT: Final = re.compile(rf"\b({'|'.join(_SHIFTS)}) (earlier|later|before|after)\b")
_ONLY_THANKS: Final = re.compile(
    r"(?:(?:ok|okay|great|perfect|cool|alright|all right|good|awesome|thats great|sounds good|lovely) )*"
    r"(?:thanks|thank you)(?: (?:so much|very much|a lot|then|for your help))?"
)
_CANCEL: Final = re.compile(
    r"\b(?:cancel|call off) (?:(?:that|the|my|our|this|it)\b ?)+(?:meeting|appointment|call|demo|booking|slot)?"
    r"(?: (?:please|then|again|altogether|completely|entirely|instead|for me))*$"
    r"|^(?:(?:actually|sorry|hi|please|no) )*(?:id like|i would like|i want|i need|i have) to cancel$"
)
_SAME_TIME: Final = re.compile(r"\bsame (?:time|hour)\b")
_ANY_TIME: Final = re.compile(r"\b(?:either|any ?time|both|whichever|you (?:choose|pick)|doesnt matter|whatever)\b")


class State:
    """The conversation so far: ``observe_agent`` and ``observe_caller`` in the order of the messages, then only read.

    ``expecting``: the agent's open question. ``learned``: the fields of ``facts`` (and "slot") that the caller's last
    text told or changed; ``corrected``: one of them replaces what was known. ``answered``: the question it settled.
    ``skipped``: questions not to be asked again. ``stalled``: texts of the caller in a row that brought nothing new.
    ``recorded``: the facts as they were last given to ``update_lead``. ``standing``: the meeting the caller has from
    before, once the calendar said so, ``undisclosed``: one that it does not tell; ``kept``: they would rather leave it;
    ``adds``: they want another beside it. ``opting_out``: the caller's last text asks for no more calls,
    ``cancels``: for the meeting to be cancelled.
    """

    def __init__(self, now: datetime, free: Sequence[datetime]) -> None:
        self.now = now
        self.free = free
        # What is known.
        self.facts = Facts()
        self.recorded: Facts | None = None
        self.slot: datetime | None = None
        self.typed_email = False
        self.email_confirmed = False
        self.wants_meeting = False
        self.wants_email = False
        self.opting_out = False
        self.opted_out = False
        self.handed_off = False
        self.booked = False
        self.cancels = False
        self.cancelled = False
        self.moved_from: datetime | None = None
        self.clock_name = ""
        self.standing: datetime | None = None
        self.undisclosed = False
        self.kept = False
        self.adds = False
        # What was asked and answered.
        self.expecting: Expected | None = None
        self.answered: Expected | None = None
        self.asked: Counter[Expected] = Counter()
        self.unanswered: Counter[Expected] = Counter()
        self.skipped: set[Expected] = set()
        self.offered: tuple[datetime, ...] = ()
        self.choice = Choice()
        self.declined_times = 0
        self.learned: dict[str, object] = {}
        self.corrected = False
        # How the talk goes.
        self.said: list[str] = []
        self.heard = 0
        self.unprompted = 0
        self.holding = False
        self.closed = False
        self.done = False
        self.stalled = 0
        self.insults = 0
        self.foreign_turns = 0
        self.silent_turns = 0
        self.objections: Counter[Objection] = Counter()
        self._content: str | None = None
        self._questions: set[str] = set()
        self._declined: set[Expected] = set()
        self._changes: Counter[str] = Counter()
        self._last_changed: str | None = None
        self._asked_for_others = False

    @property
    def last_content(self) -> str | None:
        """The last thing the agent said that was more than "take your time"."""
        return self._content or (self.said[-1] if self.said else None)

    @property
    def booking_ready(self) -> bool:
        """Time chosen, and an address confirmed or not to be had."""
        if self.slot is None or self.booked:
            return False
        return self.email_confirmed if self.facts.email is not None else self.gave_up("email")

    @property
    def email_ready(self) -> bool:
        """An address to send information to."""
        return self.wants_email and self.facts.email is not None and self.email_confirmed

    def gave_up(self, question: Expected) -> bool:
        """Whether a question was asked often enough."""
        return question in self.skipped or self.asked[question] >= MAX_ASKED

    def brief(self, known: Mapping[str, str], *, time_zone: str | None = None) -> None:
        """What is known of the caller from elsewhere; what the caller says goes before it. ``time_zone``: theirs, where
        its clock is another: times are then said with the name of ours."""
        if time_zone is not None and isinstance(self.now.tzinfo, ZoneInfo):
            self.clock_name = f" {spoken_zone(self.now.tzinfo)}"
        for name in ("name", "company"):
            if known.get(name) and getattr(self.facts, name) is None:
                self.facts = msgspec.structs.replace(self.facts, **{name: known[name]})

    def observe_agent(self, text: str) -> None:
        """The agent said this (or as much of it as was heard)."""
        utterance = read_utterance(text, self.now)
        repeated = bool(self.said) and text == self.said[-1]
        self.said.append(text)
        self.unprompted += 1
        self.holding = utterance.holds
        self.closed = utterance.takes_leave
        self.booked = self.booked or utterance.books
        self.handed_off = self.handed_off or utterance.hands_over
        if not utterance.holds:
            self._content = text
        if utterance.asks is not None:
            self.expecting = utterance.asks
            self.asked[utterance.asks] += 0 if repeated else 1
            self._asked_for_others = utterance.asks_for_others
        elif utterance.open_ended:
            self.expecting = None
        if utterance.asks == "time_slot":
            self.offered = tuple(time for time in utterance.times if time != self.standing) or self.offered
        elif len(utterance.times) == 1 and self.slot is not None:
            self.slot = utterance.times[0]  # what the agent confirmed stands, with its date

    def observe_booking(self, *, failed: bool) -> None:
        """The meeting was booked, or could not be: then its time is free no longer."""
        self.booked = not failed
        if failed:
            self.free = [slot for slot in self.free if slot != self.slot]
            self.slot = None
            self.offered = ()
            self.wants_meeting = True

    def observe_standing(self, standing: datetime | None) -> None:
        """It was not booked: the caller has a meeting already. The time they chose is the one to move it to; where the
        calendar does not tell of it (None), the one to have beside it."""
        self.standing, self.undisclosed = standing, standing is None
        self.offered = (self.slot,) if self.slot is not None else ()
        self.slot = None
        self.booked = False

    def observe_cancelled(self) -> None:
        """The meeting is no more."""
        self.slot = self.standing = self.moved_from = None
        self.booked = self.undisclosed = self.wants_meeting = False
        self.offered = ()
        self.cancelled = True

    @property
    def meeting(self) -> datetime | None:
        """The one the caller has, as far as it is known."""
        return self.slot if self.booked else self.standing

    def observe_caller(self, text: str) -> Understanding:
        """The caller said this, after what the agent said before."""
        latest = understand(text, self.expecting, self.now)
        agrees = self.expecting == "opt_out" and latest.polarity == "yes" and not self.opted_out
        self.opting_out = latest.intent == "opt_out" or agrees
        self.cancels = _CANCEL.search(latest.plain) is not None and not (latest.moment or latest.asks)
        self.learned = {}
        self.corrected = False
        self.choice = Choice()
        self.answered = None
        self.kept = False
        before = self._marks()
        self._learn_facts(latest)
        self._learn_time(latest)
        self._learn_answer(latest)
        self._note(latest)
        self._leave_unanswered(latest)
        self.stalled = 0 if self._advanced(before) else self.stalled + 1
        return latest

    def _advanced(self, before: tuple[object, ...]) -> bool:
        return bool(self.learned) or self.answered is not None or self._marks() != before

    def _marks(self) -> tuple[object, ...]:
        """What counts as progress besides facts."""
        return (
            len(self._questions),
            len(self.objections),
            len(self._declined),
            self.email_confirmed,
            self.wants_meeting,
            self.wants_email,
            self.opted_out,
            self.done,
        )

    def _learn_facts(self, latest: Understanding) -> None:
        if not latest.learns and not latest.corrects and not latest.taken_back:
            return
        found = msgspec.structs.asdict(latest.facts) | self._corrected_number(latest)
        for field, value in found.items():
            if value is None:
                continue
            known = getattr(self.facts, field)
            if field == "need" and known is not None and value != known:
                self._set(field, f"{known}; {value}"[: 2 * MAX_NEED_CHARS])
            elif known is None or (value != known and self._may_replace(field, latest)):
                self._set(field, value, replaces=known is not None)
        if latest.facts.email is not None:
            self.typed_email = "@" in latest.text
            self.wants_email = self.wants_email or self.slot is None

    def _may_replace(self, field: str, latest: Understanding) -> bool:
        asked = self.expecting is not None and _FIELD_OF.get(self.expecting) == field
        return asked or latest.corrects or field in ("email", "team_size", "budget")

    def _corrected_number(self, latest: Understanding) -> dict[str, object]:
        """ "No, fifty, not fifteen" corrects the fifteen, "no, fifty" the number told last, whatever came since."""
        if not (latest.taken_back or latest.corrects):
            return {}
        numbers, _ = kept_numbers(latest.text)
        if not numbers:
            return {}
        if self.facts.team_size is not None and self.facts.team_size in latest.taken_back:
            return {"team_size": int(numbers[0].value), "budget": None}
        plainly_money = find_money(latest.text) is not None
        plainly_people = latest.facts.team_size is not None and self.expecting != "team_size"
        if self._last_changed == "team_size" and not plainly_money and not plainly_people:
            return {"team_size": int(numbers[0].value), "budget": None}
        money = find_money(latest.text, bare=True)
        if self._last_changed == "budget" and money is not None and not plainly_people:
            known = self.facts.budget or ""
            period = known[known.index(" a ") :] if " a " in known and money.period is None else ""
            return {"budget": f"{spoken_money(money)}{period}", "team_size": None}
        return {}

    def _set(self, field: str, value: object, *, replaces: bool = False) -> None:
        self.facts = msgspec.structs.replace(self.facts, **{field: value})
        self._changes[field] += 1
        self._last_changed = field
        self.corrected = self.corrected or replaces
        if field == "email":
            self.email_confirmed = False
        if self._changes[field] <= MAX_CHANGES:
            self.learned[field] = value

    def _learn_time(self, latest: Understanding) -> None:
        """A time chosen among those offered or named freely; a wish to meet, or to meet at another time."""
        asked = self.expecting == "time_slot"
        if self.cancels:
            return
        if self.slot is not None and (shift := _SHIFT.search(latest.plain)) is not None:
            self._shift(self.slot, shift)
            return
        if latest.intent == "reschedule":
            self.moved_from = self.slot if self.booked else self.moved_from
            self.booked = False
            self.slot = None
            self.wants_meeting = True
        names_one = latest.choice is not None or (
            latest.moment.day is not None and latest.plain.count(" ") < MOST_WORDS_OF_CHOICE
        )
        chooses = self.slot is None and names_one and bool(self.offered) and not latest.learns
        chooses |= self.slot is not None and not self.booked and self._is_hour(latest)
        if (
            self.opting_out
            or latest.intent == "goodbye"
            or not (asked or chooses or latest.intent in ("booking", "reschedule"))
        ):
            return
        self.wants_meeting = self.wants_meeting or latest.intent == "booking"
        if asked and (self.standing is not None or self.undisclosed) and self._leaves_standing(latest):
            return
        before = self.moved_from.time() if self.moved_from is not None else None
        self.choice = choose(self._meant(latest), latest.choice, self.offered, self.free, rather=before)
        chosen = self.choice.chosen or self._agreed_time(latest)
        if chosen is not None and chosen != self.slot:
            self._choose(chosen)
        elif (
            asked and not self.choice.alternatives and latest.polarity == "no" and not (latest.objection or latest.asks)
        ):
            self.declined_times += 1

    def _shift(self, slot: datetime, words: re.Match[str]) -> None:
        """So much earlier or later than the time there is, on the same day."""
        by = timedelta(minutes=_SHIFTS[words[1]]) * (1 if words[2] in ("later", "after") else -1)
        self.moved_from = slot if self.booked else self.moved_from
        self.booked, self.slot, self.wants_meeting = False, None, True
        wanted = slot + by
        self.choice = choose(Moment(day=wanted.date(), at=wanted.time()), None, (), self.free)
        if self.choice.chosen is not None:
            self._choose(self.choice.chosen)

    def _is_hour(self, latest: Understanding) -> bool:
        """Another hour, said alone, for the time just agreed on."""
        return latest.moment.at is not None and latest.plain.count(" ") < MOST_WORDS_OF_CHOICE and not latest.learns

    def _meant(self, latest: Understanding) -> Moment:
        """What was said of when: "the same time" is that of the meeting which is moved, and a time without a day is on
        the day that was offered."""
        moment = latest.moment
        if moment.at is None and self.moved_from is not None and _SAME_TIME.search(latest.plain):
            moment = msgspec.structs.replace(moment, at=self.moved_from.time())
        days = {self.slot.date()} if self.slot is not None else {slot.date() for slot in self.offered}
        if moment.at is not None and moment.day is None and moment.week is None and len(days) == 1:
            moment = msgspec.structs.replace(moment, day=days.pop())
        return moment

    def _leaves_standing(self, latest: Understanding) -> bool:
        """Whether the meeting there is stays alone; else what is agreed to now moves it, or stands beside it."""
        wants_both = _BESIDE.search(latest.plain) is not None
        self.kept = not (self.adds or wants_both) and latest.polarity == "no" and not (latest.moment or latest.asks)
        if self.kept:
            self.slot, self.booked, self.answered = self.standing, True, "time_slot"
            self.standing, self.undisclosed = None, False
        elif wants_both or self.undisclosed:
            self.adds = True
        elif not self.adds:
            self.moved_from = self.standing
        return self.kept

    def _agreed_time(self, latest: Understanding) -> datetime | None:
        """Yes to an offer is yes to its first time, as is "either"."""
        if self.expecting != "time_slot" or not self.offered or latest.moment:
            return None
        agrees = (latest.polarity == "yes" and not latest.asks) or _ANY_TIME.search(latest.plain) is not None
        return self.offered[0] if agrees else None

    def _choose(self, slot: datetime) -> None:
        self.slot = slot
        self._changes["slot"] += 1
        if self._changes["slot"] <= MAX_CHANGES:
            self.learned["slot"] = slot
        if self.expecting == "time_slot":
            self.answered = "time_slot"

    def _learn_answer(self, latest: Understanding) -> None:
        """What yes, no and "I don't know" mean after the question that was asked."""
        asked = self.expecting
        if asked is None or latest.asks or self.corrected or latest.intent in ("wait", "repeat"):
            return
        if asked == "confirmation":
            self._learn_confirmation(latest)
        elif asked == "anything_else":
            thanks = _ONLY_THANKS.fullmatch(latest.plain) is not None
            self.done = latest.polarity == "no" or latest.intent == "goodbye" or thanks
        elif asked == "email" and latest.polarity == "yes" and self.slot is None:
            self.wants_email = True
        elif latest.polarity is not None and not latest.does_not_know and latest.objection is None:
            self._learn_polarity(asked, agrees=latest.polarity == "yes")
        if _FIELD_OF.get(asked) in self.learned:
            self.answered = asked
        elif asked in QUALIFYING and (
            self._refuses(latest) or (asked == "email" and _KEEPS_ADDRESS.search(latest.plain) is not None)
        ):
            self.skipped.add(asked)
            self._declined.add(asked)

    def _refuses(self, latest: Understanding) -> bool:
        refuses = latest.polarity == "no" and latest.objection is None and not latest.corrects
        return latest.does_not_know or refuses

    def _learn_confirmation(self, latest: Understanding) -> None:
        if self.facts.email is None or "email" in self.learned:
            return
        if latest.polarity == "yes":
            self.email_confirmed = True
            self.answered = "confirmation"
        elif latest.polarity == "no" and latest.objection is None:
            self.facts = msgspec.structs.replace(self.facts, email=None)
            self.answered = "confirmation"

    def _learn_polarity(self, asked: Expected, *, agrees: bool) -> None:
        if asked == "authority" and self.facts.authority is None:
            yes, no = ("shared", "self") if self._asked_for_others else ("self", "other")
            self._set("authority", yes if agrees else no)
        elif asked == "budget" and self.facts.budget is None and not agrees:
            self._set("budget", NO_BUDGET)

    def _note(self, latest: Understanding) -> None:
        """Counters and wishes."""
        self.heard += 1
        self.unprompted = 0
        self.silent_turns = self.silent_turns + 1 if latest.empty else 0
        self.foreign_turns += latest.foreign
        self.insults += latest.abusive
        self.opted_out = self.opted_out or self.opting_out
        if latest.objection is not None:
            self.objections[latest.objection] += 1
            self.wants_email = self.wants_email or latest.objection == "send_email"
        asks_about_us = latest.asks and latest.intent in ("pricing", "product_question")
        if asks_about_us and len(self._questions) < MAX_QUESTIONS:
            self._questions.add(latest.plain)

    def _leave_unanswered(self, latest: Understanding) -> None:
        """Count an open question that this text passed over, and leave it when it was passed over too often."""
        asked = self.expecting
        if asked is None or self.answered == asked or latest.empty:
            return
        if not (latest.asks or latest.foreign or latest.abusive or latest.intent in _SIDE_TURNS):
            self.unanswered[asked] += 1
        if self.unanswered[asked] >= MAX_UNANSWERED or self.asked[asked] >= MAX_ASKED:
            self.skipped.add(asked)
            if asked == "confirmation" and self.facts.email is not None:
                self.email_confirmed = True  # read back twice and not refused
