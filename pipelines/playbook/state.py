"""What is known of a conversation, derived from its messages alone.

Nothing is kept between turns: every reply reads the history from its beginning, so it makes no difference whether the
playbook, a cloud model or another process spoke before, or whether the caller heard only half of what was said.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from pipelines.intent.answers import QUALIFYING
from pipelines.intent.expectation import expected_answer
from pipelines.intent.labels import Expected, IntentLabel
from pipelines.playbook.extract.money import find_money, spoken_money
from pipelines.playbook.objections import Objection
from pipelines.playbook.qualification import MAX_NEED_CHARS, NO_BUDGET, kept_numbers
from pipelines.playbook.slots import Choice, choose, read_slots
from pipelines.playbook.understanding import Facts, Understanding, understand

MAX_CHANGES: Final = 3
"""A fact changed more often than this no longer counts as progress: somebody is playing."""

MAX_QUESTIONS: Final = 30
"""So many different questions of the caller count as progress; past them the conversation is no longer about buying."""

MAX_UNANSWERED: Final = 2
"""A question is asked, rephrased once, and then left."""

MAX_ASKED: Final = 4
"""A question put so often, with the caller asking things in between, is left too."""

_FAREWELL: Final = re.compile(
    r"\b(?:good ?bye|bye for now|bye bye|have a (?:great|good|nice|lovely|wonderful) (?:day|one|evening|weekend|rest))\b",
    re.I,
)
_BOOKED: Final = re.compile(
    r"\b(?:you'?re|you are|it'?s|that'?s) (?:all )?(?:set|booked|confirmed|scheduled) (?:for|in|on)\b|\b(?:meeting|demo|call|appointment) is (?:now )?(?:booked|confirmed"
    r"|scheduled)\b|\bi'?(?:ve| have) (?:booked|scheduled)\b|\binvitation (?:is on its way|has been sent|is sent)\b",
    re.I,
)
_HANDED_OFF: Final = re.compile(
    r"\b(?:passing|transferring|connecting|putting) you (?:over |through )?(?:to|with)\b|\bcolleague will (?:call|be with|get in touch|take)\b",
    re.I,
)
_HOLD: Final = re.compile(
    r"(?:sure|of course|no rush|okay|no problem|certainly|go ahead)[,.!]? (?:i'?ll (?:wait|hold|be here)|take your time|whenever you)",
    re.I,
)
_PRESENCE: Final = re.compile(r"\bstill there\b|\bhear (?:me|you|anything)\b|^hello\?", re.I)
_OTHERS_INVOLVED: Final = re.compile(r"\b(?:anyone|someone|somebody|anybody|who) else\b", re.I)
_SIDE_TURNS: Final[frozenset[IntentLabel]] = frozenset(
    {"repeat", "wait", "are_you_a_bot", "wants_person", "pricing", "product_question", "objection", "greeting", "small_talk",
     "opt_out", "goodbye", "booking", "reschedule"}
)  # fmt: skip
_FIELD_OF: Final[dict[Expected, str]] = {
    "need": "need", "team_size": "team_size", "budget": "budget", "authority": "authority", "timing": "timing", "name": "name",
    "company": "company", "email": "email", "referral": "referral",
}  # fmt: skip
_ANY_TIME: Final = re.compile(r"\b(?:either|any ?time|both|whichever|you (?:choose|pick)|doesnt matter|whatever)\b")


class State:
    """The conversation so far. ``expecting`` is the agent's open question, ``learned`` what the last text of the caller told.

    Built by ``observe_agent`` and ``observe_caller`` in the order of the messages, then only read.
    """

    def __init__(self, now: datetime, free: Sequence[datetime]) -> None:
        self.now = now
        self.free = free
        self.facts = Facts()
        self.slot: datetime | None = None
        self.choice = Choice()
        self.offered: tuple[datetime, ...] = ()
        self.expecting: Expected | None = None
        self.answered: Expected | None = None
        self.asked: Counter[Expected] = Counter()
        self.unanswered: Counter[Expected] = Counter()
        self.skipped: set[Expected] = set()
        self.objections: Counter[Objection] = Counter()
        self.said: list[str] = []
        self.learned: dict[str, object] = {}
        self.corrected = False
        self.typed_email = False
        self.email_confirmed = False
        self.declined_times = 0
        self.wants_meeting = False
        self.wants_email = False
        self.opted_out = False
        self.handed_off = False
        self.booked = False
        self.booking_failed = False
        self.rescheduling = False
        self.recorded: Facts | None = None
        self.closed = False
        self.done = False
        self.stalled = 0
        self.insults = 0
        self.foreign_turns = 0
        self.silent_turns = 0
        self.heard = 0
        self.nudges = 0
        self.holding = False
        self.last_text = ""
        self.same_text = 0
        self._questions: set[str] = set()
        self._declined: set[Expected] = set()
        self._changes: Counter[str] = Counter()
        self._last_changed: str | None = None
        self._others_involved = False

    @property
    def last_said(self) -> str:
        return self.said[-1] if self.said else ""

    @property
    def last_content(self) -> str | None:
        """The last thing the agent said that was more than "take your time"."""
        return next(
            (text for text in reversed(self.said) if not _HOLD.match(text)), self.said[-1] if self.said else None
        )

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

    def observe_agent(self, text: str) -> None:
        """The agent said this (or as much of it as was heard)."""
        repeated = bool(self.said) and text == self.said[-1]
        self.said.append(text)
        self.nudges += 1
        self.holding = _HOLD.match(text) is not None
        asks = expected_answer(text)
        named = read_slots(text, self.now)
        if asks == "time_slot":
            self.offered = named or self.offered
        elif len(named) == 1 and self.slot is not None:
            self.slot = named[0]  # what the agent confirmed stands, with its date
        if asks is not None:
            self.expecting = asks
            self.asked[asks] += 0 if repeated else 1
            self._others_involved = asks == "authority" and _OTHERS_INVOLVED.search(text) is not None
        elif "?" in text and not _PRESENCE.search(text):
            self.expecting = None
        self.closed = _FAREWELL.search(text) is not None
        self.booked = self.booked or _BOOKED.search(text) is not None
        self.handed_off = self.handed_off or _HANDED_OFF.search(text) is not None

    def observe_caller(self, text: str) -> Understanding:
        """The caller said this, after what the agent said before."""
        latest = understand(text, self.expecting, self.now)
        self.learned = {}
        self.corrected = False
        self.choice = Choice()
        self.answered = None
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
        return (len(self._questions), len(self.objections), len(self._declined), self.email_confirmed, self.wants_meeting, self.wants_email,
                self.opted_out, self.done)  # fmt: skip

    def _learn_facts(self, latest: Understanding) -> None:
        found = msgspec.structs.asdict(latest.facts)
        found |= self._corrected_number(latest)
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
        """ "No, fifty, not fifteen" corrects the fifteen, "no, fifty" the number told last, whatever was asked since."""
        numbers, _ = kept_numbers(latest.text)
        if not (latest.taken_back or latest.corrects) or not numbers:
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
        asked = self.expecting == "time_slot"
        if latest.intent == "reschedule":
            self.rescheduling = True
            self.booked = False
            self.slot = None
            self.wants_meeting = True
        chooses = self.slot is None and latest.choice is not None and bool(self.offered) and not latest.learns
        if not (asked or chooses or latest.intent in ("booking", "reschedule")) or latest.intent in (
            "opt_out",
            "goodbye",
        ):
            return
        self.wants_meeting = self.wants_meeting or latest.intent == "booking"
        self.choice = choose(latest.moment, latest.choice, self.offered, self.free)
        chosen = self.choice.chosen
        if chosen is None and asked and self.offered and not latest.moment:
            agrees = latest.polarity == "yes" and not latest.asks
            if agrees or _ANY_TIME.search(latest.plain):
                chosen = self.offered[0]
        if chosen is not None and chosen != self.slot:
            self.slot = chosen
            self.booking_failed = False
            self._changes["slot"] += 1
            if self._changes["slot"] <= MAX_CHANGES:
                self.learned["slot"] = chosen
            self.answered = "time_slot" if asked else self.answered
        elif (
            asked
            and not self.choice.alternatives
            and latest.polarity == "no"
            and latest.objection is None
            and not latest.asks
        ):
            self.declined_times += 1

    def _learn_answer(self, latest: Understanding) -> None:
        """What yes, no and "I don't know" mean after the question that was asked."""
        asked = self.expecting
        if asked is None or latest.asks or latest.intent in ("wait", "repeat") or self.corrected:
            return
        polarity = latest.polarity
        if asked == "confirmation" and self.facts.email is not None and "email" not in self.learned:
            if polarity == "yes":
                self.email_confirmed = True
                self.answered = asked
            elif polarity == "no" and latest.objection is None:
                self.facts = msgspec.structs.replace(self.facts, email=None)
                self.answered = asked
        elif (
            asked == "authority" and self.facts.authority is None and polarity is not None and not latest.does_not_know
        ):
            yes, no = ("shared", "self") if self._others_involved else ("self", "other")
            self._set("authority", yes if polarity == "yes" else no)
        elif (
            asked == "budget"
            and self.facts.budget is None
            and polarity == "no"
            and not latest.does_not_know
            and not latest.objection
        ):
            self._set("budget", NO_BUDGET)
        elif asked == "anything_else":
            self.done = polarity == "no" or latest.intent == "goodbye"
        field = _FIELD_OF.get(asked)
        if field in self.learned:
            self.answered = asked
        elif asked in QUALIFYING and (
            latest.does_not_know or (polarity == "no" and latest.objection is None and not latest.corrects)
        ):
            self.skipped.add(asked)
            self._declined.add(asked)
        elif asked == "email" and polarity == "yes" and self.slot is None:
            self.wants_email = True

    def _note(self, latest: Understanding) -> None:
        """Counters and wishes."""
        plain = latest.plain
        self.heard += 1
        self.nudges = 0
        self.same_text = self.same_text + 1 if plain == self.last_text else 0
        self.last_text = plain
        self.silent_turns = self.silent_turns + 1 if latest.empty else 0
        self.foreign_turns += latest.foreign
        self.insults += latest.abusive
        self.opted_out = self.opted_out or latest.intent == "opt_out"
        if latest.objection is not None:
            self.objections[latest.objection] += 1
            self.wants_email = self.wants_email or latest.objection == "send_email"
        if latest.asks and len(self._questions) < MAX_QUESTIONS and latest.intent in ("pricing", "product_question"):
            self._questions.add(plain)

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
