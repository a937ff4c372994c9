"""What is known of a conversation, derived from its messages alone.

Nothing is kept between turns: every reply reads the history from its beginning, so it makes no difference whether the
playbook, a cloud model or another process spoke before, or whether the caller heard only half of what was said.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from pipelines.intent.answers import QUALIFYING
from pipelines.intent.labels import Expected, IntentLabel
from pipelines.playbook.corrections import corrected_name, corrected_number
from pipelines.playbook.extract.email_corrections import corrected_email
from pipelines.playbook.extract.times import Moment
from pipelines.playbook.facts import Facts
from pipelines.playbook.meeting import Meeting
from pipelines.playbook.need import MAX_NEED_CHARS
from pipelines.playbook.objections import Objection
from pipelines.playbook.own_questions import ALSO_OURS, OwnQuestions
from pipelines.playbook.qualification import NO_BUDGET, is_plain_no
from pipelines.playbook.understanding import Understanding, understand
from pipelines.playbook.utterance import read_utterance

MAX_CHANGES: Final = 3
"""A fact changed more often than this no longer counts as progress: somebody is playing."""

MAX_QUESTIONS: Final = 30
"""So many different questions of the caller count as progress; past them the talk is no longer about buying."""

MAX_UNANSWERED: Final = 2
"""A question is asked, rephrased once, and then left."""

MAX_ASKED: Final = 4
"""A question put so often, with the caller asking things in between, is left too."""

MAX_ASKED_TO_QUALIFY: Final = 2
"""So is one that only the seller needs answered: a third time is an interrogation."""

TO_QUALIFY: Final[tuple[Expected, ...]] = ("need", "team_size", "budget", "authority", "timing")

_SIDE_TURNS: Final[frozenset[IntentLabel]] = frozenset(
    {"repeat", "wait", "are_you_a_bot", "wants_person", "pricing", "product_question", "objection", "greeting",
     "small_talk", "opt_out", "goodbye", "booking", "reschedule"}
)  # fmt: skip
"""What a caller says beside the question; the question stays open."""

_FIELD_OF: Final[dict[Expected, str]] = {
    "need": "need", "team_size": "team_size", "budget": "budget", "authority": "authority", "timing": "timing",
    "name": "name", "company": "company", "email": "email", "referral": "referral",
}  # fmt: skip


def most_asked(question: Expected) -> int:
    """How often a question is put before it is left."""
    return MAX_ASKED_TO_QUALIFY if question in TO_QUALIFY else MAX_ASKED


class State:
    """The conversation so far: ``observe_agent`` and ``observe_caller`` in the order of the messages, then only read.

    ``expecting``: the agent's open question. ``learned``: the fields of ``facts`` (and "slot") that the caller's last
    text told or changed; ``corrected``: one of them replaces what was known. ``answered``: the question it settled.
    ``skipped``: questions not to be asked again. ``asking``: texts of the caller in a row that ask something;
    ``asks_on``: the last one only adds to the question before it: "and Pipedrive?";
    ``spared``: nothing is asked any more that only the seller wants to know. ``stalled``: texts of the caller in a row that brought nothing new.
    ``fetched``: a colleague is on the way; ``front_desk``: who speaks cannot decide, nor tell much; ``newcomer``:
    somebody else may speak now than before. ``recorded``: the facts as they were last given to ``update_lead``.
    ``opting_out``: the caller's last text asks for no more calls. What concerns the meeting is in ``meeting``, what
    concerns the operator's questions in ``own``.
    """

    def __init__(self, now: datetime, free: Sequence[datetime]) -> None:
        self.now = now
        # What is known.
        self.facts = Facts()
        self.recorded: Facts | None = None
        self.meeting = Meeting(now, free)
        self.own = OwnQuestions()
        self.typed_email = False
        self.email_confirmed = False
        self.wants_email = False
        self.opting_out = False
        self.opted_out = False
        self.handed_off = False
        self.fetched = False
        self.front_desk = False
        self.newcomer = False
        # What was asked and answered.
        self.expecting: Expected | None = None
        self.answered: Expected | None = None
        self.asked: Counter[Expected] = Counter()
        self.unanswered: Counter[Expected] = Counter()
        self.skipped: set[Expected] = set()
        self.asking = 0
        self.asks_on = False
        self.spared = False
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
        self._settled: Counter[Expected] = Counter()
        self._last_changed: str | None = None
        self._last_objection: Objection | None = None
        self._asked_for_others = False
        self._comes_next = False
        self._guest_comes = False

    @property
    def last_content(self) -> str | None:
        """The last thing the agent said that was more than "take your time"."""
        return self._content or (self.said[-1] if self.said else None)

    @property
    def booking_ready(self) -> bool:
        """Time chosen, and an address confirmed or not to be had."""
        if self.meeting.slot is None or self.meeting.booked:
            return False
        return self.email_confirmed if self.facts.email is not None else self.gave_up("email")

    @property
    def email_ready(self) -> bool:
        """An address to send information to."""
        return self.wants_email and self.facts.email is not None and self.email_confirmed

    def gave_up(self, question: Expected) -> bool:
        """Whether a question was asked often enough."""
        return question in self.skipped or self.asked[question] >= most_asked(question)

    @property
    def all_recorded(self) -> bool:
        """Whether there is nothing new to give to ``update_lead``."""
        return self.facts == (self.recorded or Facts()) and self.own.answers == self.own.recorded

    def brief(self, known: Mapping[str, str], *, answered: Iterable[str] = (), time_zone: str | None = None) -> None:
        """What is known of the caller from elsewhere; what the caller says goes before it. ``answered``: keys of the
        operator's questions. ``time_zone``: theirs, where its clock is another: times are then said with the name of
        ours."""
        self.own.known(answered)
        if time_zone is not None:
            self.meeting.name_clock()
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
        self.handed_off = self.handed_off or utterance.hands_over
        if not utterance.holds:
            self._content = text
        moves_on = utterance.asks is not None or utterance.open_ended or utterance.takes_leave
        if self.own.observe_agent(text, repeated=repeated, moves_on=moves_on):
            self.expecting = utterance.asks if utterance.asks in ALSO_OURS else None
        elif utterance.asks is not None:
            self.expecting = utterance.asks
            self.asked[utterance.asks] += 0 if repeated else 1
            self._asked_for_others = utterance.asks_for_others
        elif utterance.open_ended or utterance.takes_leave:
            self.expecting = None
        self.meeting.observe_agent(utterance)

    def observe_caller(self, text: str) -> Understanding:
        """The caller said this, after what the agent said before."""
        latest = self._of_guest(understand(text, self.expecting, self.now))
        self._note_speaker(latest)
        agrees = self.expecting == "opt_out" and latest.polarity == "yes"
        agrees = agrees and not (latest.asks_about_us or self.opted_out)
        self.opting_out = latest.intent == "opt_out" or agrees
        self.learned = {}
        self.corrected = False
        self.answered = None
        before = self._marks()
        self.own.observe_caller(latest, opting_out=self.opting_out, need_known=self.facts.need is not None)
        self._learn_facts(latest)
        self.own.observe_facts(self.facts)
        self._learn_time(latest)
        self._learn_answer(latest)
        self._note(latest)
        self._leave_unanswered(latest)
        self.stalled = 0 if self._advanced(before) else self.stalled + 1
        return latest

    def _of_guest(self, latest: Understanding) -> Understanding:
        """An address right after somebody else was to come as well is theirs: "can my brother join?" "chris@…"."""
        known = self.facts.email is not None and not latest.says("corrects")
        of_guest = self._guest_comes and known and latest.facts.email is not None
        self._guest_comes = latest.adds_guest or of_guest
        if not of_guest:
            return latest
        facts = msgspec.structs.replace(latest.facts, email=None, name=None)
        return msgspec.structs.replace(latest, facts=facts, adds_guest=True)

    def _note_speaker(self, latest: Understanding) -> None:
        """Who was fetched to the phone knows nothing of the talk so far, and has a name of their own."""
        self.newcomer = self._comes_next and latest.by not in ("passes_on", "menu") and not latest.empty
        self._comes_next = latest.by in ("passes_on", "menu") or (self._comes_next and not self.newcomer)
        if latest.by == "passes_on":
            self.front_desk = False
            self.facts = msgspec.structs.replace(self.facts, name=None)
        elif latest.by == "front_desk" and (self.facts.need, self.facts.team_size, self.facts.name) == (
            None,
            None,
            None,
        ):
            self.front_desk = True

    def _advanced(self, before: tuple[object, ...]) -> bool:
        """A question settled over and over is no progress, no more than a fact that changes to and fro."""
        if self.answered is not None:
            self._settled[self.answered] += 1
        settles = self.answered is not None and self._settled[self.answered] <= MAX_CHANGES
        return bool(self.learned) or settles or self._marks() != before

    def _marks(self) -> tuple[object, ...]:
        """What counts as progress besides facts."""
        return (
            len(self._questions),
            len(self.objections),
            len(self._declined),
            len(self.own.answers) + len(self.own.left),
            self.email_confirmed,
            self.meeting.wanted,
            self.wants_email,
            self.opted_out,
            self.done,
        )

    def _learn_facts(self, latest: Understanding) -> None:
        if (name := corrected_name(self.facts.name, latest.text)) is not None:
            self._set("name", name, replaces=True)
            return
        if not latest.learns and not latest.says("corrects") and not latest.taken_back:
            return
        found = msgspec.structs.asdict(latest.facts) | corrected_number(
            self.facts, latest, self._last_changed, size_asked=self.expecting == "team_size"
        )
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
            instead = self.expecting == "email" and self.meeting.slot is None  # of a meeting
            self.wants_email = self.wants_email or instead or not self.meeting.is_talked_of

    def _may_replace(self, field: str, latest: Understanding) -> bool:
        asked = self.expecting is not None and _FIELD_OF.get(self.expecting) == field
        introduced = field == "name" and latest.says("introduces")
        return asked or introduced or latest.says("corrects") or field in ("email", "team_size", "budget")

    def _set(self, field: str, value: object, *, replaces: bool = False) -> None:
        self.facts = msgspec.structs.replace(self.facts, **{field: value})
        self._last_changed = field
        self.corrected = self.corrected or replaces
        if field == "email":
            self.email_confirmed = False
        self._tell_news(field, value)

    def _tell_news(self, field: str, value: object) -> None:
        """What changes too often is no news any more."""
        self._changes[field] += 1
        if self._changes[field] <= MAX_CHANGES:
            self.learned[field] = value

    def _learn_time(self, latest: Understanding) -> None:
        """What the text says of the meeting; a time that is new is news of the caller's like any other."""
        asked, meeting = self.expecting == "time_slot", self.meeting
        if self.own.answered is not None:  # then a day is no time to meet
            latest = msgspec.structs.replace(latest, intent="other", moment=Moment(), or_moment=Moment(), choice=None)
        meeting.observe_caller(latest, asked=asked, listening=not self.opting_out)
        if meeting.heard == "chosen":
            self._tell_news("slot", meeting.slot)
        if asked and ("slot" in self.learned or meeting.heard == "kept"):
            self.answered = "time_slot"

    def _learn_answer(self, latest: Understanding) -> None:
        """What yes, no and "I don't know" mean after the question that was asked."""
        asked = self.expecting
        if asked is None or latest.asks or self.corrected or latest.intent in ("wait", "repeat"):
            return
        if asked == "confirmation":
            self._learn_confirmation(latest)
        elif asked == "anything_else":
            thanks = latest.says("only_thanks")
            self.done = latest.polarity == "no" or latest.intent == "goodbye" or thanks
        elif asked == "email" and latest.polarity == "yes" and self.meeting.slot is None:
            self.wants_email = True
        elif latest.polarity is not None and not (
            latest.says("does_not_know")
            or latest.objection
            or self.meeting.wanted
            or (latest.learns and latest.says("goes_on"))
        ):
            self._learn_polarity(asked, latest)
        if _FIELD_OF.get(asked) in self.learned:
            self.answered = asked
        elif asked == "email" and latest.says("keeps_address", "points_to_number"):
            self.answered = asked
            self.skipped.add(asked)
        elif asked in QUALIFYING and self._refuses(latest):
            self.skipped.add(asked)
            self._declined.add(asked)

    def _refuses(self, latest: Understanding) -> bool:
        refuses = (
            latest.polarity == "no"
            and latest.objection is None
            and not (latest.says("corrects") or latest.partial_email)
        )
        return latest.says("does_not_know") or refuses

    def _learn_confirmation(self, latest: Understanding) -> None:
        if self.facts.email is None or "email" in self.learned:
            return
        corrected = corrected_email(self.facts.email, latest.text) if latest.polarity != "yes" else None
        if corrected is not None:
            self._set("email", corrected, replaces=True)
            self.answered = "confirmation"
        elif latest.polarity == "yes" or (self.typed_email and latest.takes_leave and latest.polarity is None):
            self.email_confirmed = True
            self.answered = "confirmation"
        elif latest.polarity == "no" and not (latest.objection or latest.says("does_not_know") or latest.moment):
            self.facts = msgspec.structs.replace(self.facts, email=None)
            self.answered = "confirmation"

    def _learn_polarity(self, asked: Expected, latest: Understanding) -> None:
        agrees = latest.polarity == "yes"
        if asked == "authority" and self.facts.authority is None:
            yes, no = ("shared", "self") if self._asked_for_others else ("self", "other")
            self._set("authority", yes if agrees else no)
        elif asked == "budget" and self.facts.budget is None and not agrees and is_plain_no(latest.plain):
            self._set("budget", NO_BUDGET)

    def _note(self, latest: Understanding) -> None:
        """Counters and wishes."""
        self.heard += 1
        self.unprompted = 0
        asks = latest.intent in ("pricing", "product_question") or (
            latest.asks and latest.intent in ("other", "objection")
        )
        self.asks_on = (
            self.asking > 0 and latest.intent not in ("pricing", "product_question") and latest.says("adds_to_question")
        )
        self.asking = self.asking + 1 if asks or self.asks_on else 0
        self.spared = self.spared or latest.says("no_questions", "no_buyer", "only_looks")
        if latest.says("gives_no_address"):
            self.skipped.add("email")
        self.silent_turns = self.silent_turns + 1 if latest.empty else 0
        self.foreign_turns += latest.foreign
        self.insults += latest.says("abuse")
        self.opted_out = self.opted_out or self.opting_out
        goes_on = latest.objection == "no_time" == self._last_objection and latest.says("why_not_now")
        self._last_objection = latest.objection
        if latest.objection is not None:
            self.objections[latest.objection] += 0 if goes_on else 1
        by_mail = latest.objection == "send_email" or latest.says("wants_text") or self.meeting.heard == "by_mail"
        self.wants_email = self.wants_email or by_mail
        if latest.asks_about_us and len(self._questions) < MAX_QUESTIONS:
            self._questions.add(latest.plain)

    def _leave_unanswered(self, latest: Understanding) -> None:
        """Count an open question that this text passed over, and leave it when it was passed over too often."""
        asked = self.expecting
        if asked is None or self.answered == asked or latest.empty:
            return
        tries = bool(self.learned) or latest.partial_email
        if not (tries or latest.asks or latest.foreign or latest.says("abuse") or latest.intent in _SIDE_TURNS):
            self.unanswered[asked] += 1
        if self.unanswered[asked] >= MAX_UNANSWERED or self.asked[asked] >= most_asked(asked):
            self.skipped.add(asked)
            if asked == "confirmation" and self.facts.email is not None:
                self.email_confirmed = True  # read back twice and not refused
