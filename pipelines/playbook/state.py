"""What is known of a conversation, derived from its messages alone.

Nothing is kept between turns: every reply reads the history from its beginning, so it makes no difference whether the
playbook, a cloud model or another process spoke before, or whether the caller heard only half of what was said.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Final

import msgspec
from msgspec import Struct

from pipelines.intent.labels import Expected
from pipelines.playbook.asked import MAX_CHANGES, Asked
from pipelines.playbook.calling import Calling
from pipelines.playbook.corrections import corrected_name, corrected_number
from pipelines.playbook.course import Course
from pipelines.playbook.extract.email_corrections import corrected_email
from pipelines.playbook.extract.times import Moment
from pipelines.playbook.facts import Facts
from pipelines.playbook.meeting import Meeting
from pipelines.playbook.need import MAX_NEED_CHARS
from pipelines.playbook.own_questions import ALSO_OURS, OwnQuestions
from pipelines.playbook.qualification import NO_BUDGET, goes_along, is_plain_no
from pipelines.playbook.speaker import Speaker
from pipelines.playbook.understanding import Understanding, understand
from pipelines.playbook.utterance import read_utterance

_FIELD_OF: Final[dict[Expected, str]] = {
    "need": "need", "team_size": "team_size", "budget": "budget", "authority": "authority", "timing": "timing",
    "name": "name", "company": "company", "email": "email", "phone": "phone",
    "referral": "referral",
}  # fmt: skip


class Address(Struct):
    """Of the e-mail address: whether it was ``typed``, was ``confirmed``, and something is ``wanted`` in writing."""

    typed: bool = False
    confirmed: bool = False
    wanted: bool = False


class State:
    """The conversation so far: ``observe_agent`` and ``observe_caller`` in the order of the messages, then only read.

    ``calling``: what the door told. ``facts``: what is known of the caller; ``recorded``: as it was last given to ``update_lead``; ``learned``: its
    fields (and "slot") that the caller's last text told or changed; ``corrected``: one of them replaces what was known.
    ``opting_out``: the last text asks for no more calls; ``opted_out``: they are off the list. ``handed_off``: to a
    colleague; ``fetched``: who is on the way. ``call_back_at``: when they would rather be called; ``asks_call_back``: as
    their last text says. The rest is in the values it is made of.
    """

    def __init__(self, now: datetime, free: Sequence[datetime]) -> None:
        self.now = now
        self.calling = Calling()
        self.facts = Facts()
        self.recorded: Facts | None = None
        self.learned: dict[str, object] = {}
        self.corrected = False
        self.opting_out = False
        self.opted_out = False
        self.handed_off = False
        self.fetched = False
        self.asks_call_back = False
        self.call_back_at: datetime | None = None
        self.address = Address()
        self.asked = Asked()
        self.own = OwnQuestions()
        self.meeting = Meeting(now, free)
        self.speaker = Speaker()
        self.course = Course()
        self._changes: Counter[str] = Counter()
        self._last_changed: str | None = None
        self._guest_comes = False

    @property
    def booking_ready(self) -> bool:
        """Time chosen, and an address confirmed, or a number to call in its place, or neither to be had."""
        if self.meeting.slot is None or self.meeting.booked:
            return False
        if self.facts.email is not None:
            return self.address.confirmed
        return self.asked.gave_up("email") and (self.has_number or self.asked.gave_up("phone"))

    @property
    def has_number(self) -> bool:
        """Whether they can be called: on the number they gave, or the one they are on."""
        return self.facts.phone is not None or self.calling.on_phone

    @property
    def email_ready(self) -> bool:
        """An address to send information to."""
        return self.address.wanted and self.facts.email is not None and self.address.confirmed

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
        repeated = self.course.said[-1:] == [text]
        self.course.observe_agent(text, utterance)
        self.handed_off = self.handed_off or utterance.hands_over
        self.speaker.has_message = self.speaker.has_message or utterance.leaves_message
        moves_on = utterance.asks is not None or utterance.open_ended or utterance.takes_leave
        if self.own.observe_agent(text, repeated=repeated, moves_on=moves_on):
            self.asked.expecting = utterance.asks if utterance.asks in ALSO_OURS else None
        else:
            self.asked.observe_agent(utterance, repeated=repeated)
        self.meeting.observe_agent(utterance)

    def observe_caller(self, text: str) -> Understanding:
        """The caller said this, after what the agent said before."""
        latest = self._of_guest(understand(text, self.asked.expecting, self.now))
        self.speaker.observe_caller(latest, self.facts)
        latest = msgspec.structs.replace(latest, facts=self.speaker.told(latest.facts))
        if latest.by == "passes_on" or self.speaker.front_desk:  # who decides has a name of their own
            self.facts = msgspec.structs.replace(self.facts, name=None)
        agrees = self.asked.expecting == "opt_out" and latest.polarity == "yes"
        agrees = agrees and not (latest.asks_about_us or self.opted_out)
        self.opting_out = latest.intent == "opt_out" or agrees
        self.learned = {}
        self.corrected = False
        self.asked.answered = None
        before = self._marks()
        self.own.observe_caller(latest, opting_out=self.opting_out, need_known=self.facts.need is not None)
        self._learn_facts(latest)
        self.own.observe_facts(self.facts)
        self._learn_time(latest)
        self._learn_answer(latest)
        self._learn_wishes(latest)
        self.course.observe_caller(latest)
        left = self.asked.pass_over(latest, tries=bool(self.learned) or latest.partial_email)
        if left == "confirmation" and self.facts.email is not None:
            self.address.confirmed = True  # read back twice and not refused
        settles = self.asked.settles()
        advances = bool(self.learned) or settles or self._marks() != before
        self.course.stalled = 0 if advances else self.course.stalled + 1
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

    def _marks(self) -> tuple[object, ...]:
        """What counts as progress besides facts."""
        return (
            self.course.marks,
            len(self.asked.declined),
            len(self.own.answers) + len(self.own.left),
            self.address.confirmed,
            self.meeting.wanted,
            self.address.wanted,
            self.opted_out,
            self.asked.is_all,
        )

    def _learn_facts(self, latest: Understanding) -> None:
        of_address = self.facts.email is not None and self.asked.expecting == "confirmation"
        if not (of_address and corrected_email(str(self.facts.email), latest.text)):
            for field in ("name", "company"):
                if (right := corrected_name(getattr(self.facts, field), latest.text)) is not None:
                    self._set(field, right, replaces=True)
                    return
        if not (latest.learns or latest.says("corrects") or latest.taken_back):
            return
        found = msgspec.structs.asdict(latest.facts) | corrected_number(
            self.facts, latest, self._last_changed, size_asked=self.asked.expecting == "team_size"
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
            self.address.typed = "@" in latest.text
            instead = self.asked.expecting == "email" and self.meeting.slot is None  # of a meeting
            self.address.wanted = self.address.wanted or instead or not self.meeting.is_talked_of

    def _may_replace(self, field: str, latest: Understanding) -> bool:
        asked = self.asked.expecting is not None and _FIELD_OF.get(self.asked.expecting) == field
        introduced = field == "name" and latest.says("introduces")
        return asked or introduced or latest.says("corrects") or field in ("email", "team_size", "budget")

    def _set(self, field: str, value: object, *, replaces: bool = False) -> None:
        self.facts = msgspec.structs.replace(self.facts, **{field: value})
        self._last_changed = field
        self.corrected = self.corrected or replaces
        if field == "email":
            self.address.confirmed = False
        self._tell_news(field, value)

    def _tell_news(self, field: str, value: object) -> None:
        """What changes too often is no news any more."""
        self._changes[field] += 1
        if self._changes[field] <= MAX_CHANGES:
            self.learned[field] = value

    def _learn_time(self, latest: Understanding) -> None:
        """What the text says of the meeting; a time that is new is news of the caller's like any other."""
        asked, meeting = self.asked.expecting == "time_slot", self.meeting
        if self.own.answered is not None:  # then a day is no time to meet
            latest = msgspec.structs.replace(latest, intent="other", moment=Moment(), or_moment=Moment(), choice=None)
        meeting.observe_caller(latest, asked=asked, listening=not self.opting_out)
        if meeting.heard == "chosen":
            self._tell_news("slot", meeting.slot)
        if asked and ("slot" in self.learned or meeting.heard == "kept"):
            self.asked.answered = "time_slot"

    def _learn_answer(self, latest: Understanding) -> None:
        """What yes, no and "I don't know" mean after the question that was asked."""
        asked = self.asked.expecting
        if asked is None or latest.asks or self.corrected or latest.intent in ("wait", "repeat"):
            return
        if asked == "confirmation":
            self._learn_confirmation(latest)
        elif asked == "anything_else":
            is_all = latest.polarity == "no" or latest.intent == "goodbye" or latest.says("only_thanks")
            self.asked.is_all = is_all and not self.meeting.cancels
        elif asked == "email" and latest.polarity == "yes" and self.meeting.slot is None:
            self.address.wanted = True
        elif latest.polarity is not None and not (
            latest.says("does_not_know")
            or latest.objection
            or self.meeting.wanted
            or (latest.learns and latest.says("goes_on"))
        ):
            self._learn_polarity(asked, latest)
        if _FIELD_OF.get(asked) in self.learned:
            self.asked.answered = asked
        elif asked == "email" and latest.says("keeps_address", "points_to_number"):
            self.asked.answered = asked
            self.asked.left.add(asked)
        elif self.asked.refuses(latest):
            self.asked.decline(asked)

    def _learn_confirmation(self, latest: Understanding) -> None:
        if self.facts.email is None or "email" in self.learned:
            return
        clear = self.address.typed or self.asked.times["confirmation"] > 1  # else it may have been misheard
        corrected = corrected_email(self.facts.email, latest.text) if latest.polarity != "yes" else None
        if corrected is not None:
            self._set("email", corrected, replaces=True)
        elif latest.polarity == "yes" or (clear and latest.takes_leave and latest.polarity is None):
            self.address.confirmed = True
        elif latest.polarity == "no" and not (latest.objection or latest.says("does_not_know") or latest.moment):
            self.facts = msgspec.structs.replace(self.facts, email=None)
        else:
            return
        self.asked.answered = "confirmation"

    def _learn_polarity(self, asked: Expected, latest: Understanding) -> None:
        agrees = latest.polarity == "yes"
        if asked == "authority" and self.facts.authority is None and not goes_along(latest.plain):
            yes, no = ("shared", "self") if self.asked.for_others else ("self", "other")
            self._set("authority", yes if agrees else no)
        elif asked == "budget" and self.facts.budget is None and not agrees and is_plain_no(latest.plain):
            self._set("budget", NO_BUDGET)

    def _learn_wishes(self, latest: Understanding) -> None:
        """To be asked nothing, to give no address, to have it in writing, to be left alone."""
        self.asked.spared = self.asked.spared or latest.says("no_questions", "no_buyer", "only_looks")
        if latest.says("gives_no_address"):
            self.asked.left.add("email")
        by_mail = latest.objection == "send_email" or latest.says("wants_text") or self.meeting.heard == "by_mail"
        self.address.wanted = self.address.wanted or by_mail
        self.opted_out = self.opted_out or self.opting_out
        self.asks_call_back = self._wants_call_then(latest)
        if self.asks_call_back:
            day = latest.moment.day or self.now.date()
            self.call_back_at = datetime.combine(day, latest.moment.at or time(), tzinfo=self.now.tzinfo)

    def _wants_call_then(self, latest: Understanding) -> bool:
        """Whether they name an hour to be called at, before anything else was agreed: our own calls can be made again."""
        is_free = self.calling.is_ours and self.meeting.slot is None and self.asked.expecting != "time_slot"
        wants = latest.objection == "no_time" or latest.says("wants_call_back", "wants_call_then")
        return is_free and wants and latest.moment.at is not None
