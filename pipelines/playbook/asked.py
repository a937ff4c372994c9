"""The agent's questions: which one is open, how often each was put, what settled it, which are left alone."""

from collections import Counter
from typing import Final

from pipelines.intent.answers import QUALIFYING
from pipelines.intent.labels import Expected, IntentLabel
from pipelines.playbook.understanding import Understanding
from pipelines.playbook.utterance import Utterance

MAX_CHANGES: Final = 3
"""A question settled more often than this, or a fact changed so often, no longer counts as progress: somebody plays."""

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


def most_asked(question: Expected) -> int:
    """How often a question is put before it is left."""
    return MAX_ASKED_TO_QUALIFY if question in TO_QUALIFY else MAX_ASKED


class Asked:
    """``expecting``: the open question; ``for_others``: it asks who else decides. ``answered``: what the caller's last
    text settled. ``times``: how often each was put. ``left``: not to be asked again. ``spared``: nothing is asked any
    more that only the seller wants to know. ``is_all``: nothing else is wanted."""

    def __init__(self) -> None:
        self.expecting: Expected | None = None
        self.for_others = False
        self.answered: Expected | None = None
        self.times: Counter[Expected] = Counter()
        self.left: set[Expected] = set()
        self.declined: set[Expected] = set()
        self.spared = False
        self.is_all = False
        self._passed_over: Counter[Expected] = Counter()
        self._settled: Counter[Expected] = Counter()

    def gave_up(self, question: Expected) -> bool:
        """Whether a question was asked often enough."""
        return question in self.left or self.times[question] >= most_asked(question)

    def observe_agent(self, utterance: Utterance, *, repeated: bool) -> None:
        """The agent asked this, or took leave."""
        if utterance.asks is not None:
            self.expecting = utterance.asks
            self.times[utterance.asks] += 0 if repeated else 1
            self.for_others = utterance.asks_for_others
        elif utterance.open_ended or utterance.takes_leave:
            self.expecting = None

    def decline(self, question: Expected) -> None:
        """They do not know it, or would rather not say."""
        self.left.add(question)
        self.declined.add(question)

    def refuses(self, latest: Understanding) -> bool:
        """Whether a text leaves a question about themselves unanswered for good."""
        says_no = latest.polarity == "no" and latest.objection is None
        refuses = says_no and not (latest.says("corrects") or latest.partial_email)
        return self.expecting in QUALIFYING and (latest.says("does_not_know") or refuses)

    def settles(self) -> bool:
        """Count what was answered; a question settled over and over is no progress."""
        if self.answered is None:
            return False
        self._settled[self.answered] += 1
        return self._settled[self.answered] <= MAX_CHANGES

    def pass_over(self, latest: Understanding, *, tries: bool) -> Expected | None:
        """Count an open question that a text passed over; the question, when it is now left. ``tries``: it told
        something, or began to."""
        asked = self.expecting
        if asked is None or self.answered == asked or latest.empty:
            return None
        beside = latest.asks or latest.foreign or latest.says("abuse") or latest.intent in _SIDE_TURNS
        if not (tries or beside):
            self._passed_over[asked] += 1
        if self._passed_over[asked] >= MAX_UNANSWERED or self.times[asked] >= most_asked(asked):
            self.left.add(asked)
            return asked
        return None
