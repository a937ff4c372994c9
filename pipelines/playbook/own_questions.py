"""The operator's own questions in a conversation: which were asked, and what was said to them.

Derived from the words alone, like the rest of the state.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pipelines.intent.backchannel import is_backchannel
from pipelines.intent.classifier import plain_words
from pipelines.intent.expectation import expected_answer
from pipelines.intent.labels import Expected, IntentLabel
from pipelines.playbook.facts import Facts
from pipelines.playbook.lead_in import without_hesitation
from pipelines.playbook.understanding import Understanding
from storage.agents.profiles import ProfileQuestion

MAX_OWN_ASKED: Final = 2
"""Asked, asked once more, and then left."""

MAX_ANSWER_CHARS: Final = 300

ALSO_OURS: Final[frozenset[Expected | None]] = frozenset({"team_size", "budget", "authority", "timing"})
"""What an operator's question may ask for as the playbook's own do: its answer settles both."""

MOST_BARE_WORDS: Final = 2

_ASKS_WHAT: Final = re.compile(r"(?:and |so |then )*(?:what|which|when|where|who|whom|whose|why|how)\b")
_SIDE_TURNS: Final[frozenset[IntentLabel]] = frozenset(
    {"repeat", "wait", "are_you_a_bot", "wants_person", "opt_out", "goodbye", "greeting"}
)
_MEETS: Final = re.compile(
    r"\b(?:meet(?:ing)?|call|appointment|demo|book|schedule|reschedule|cancel|talk|speak|sign (?:me|us) up)\b"
)
"""Without such a word a day or an hour is an answer, and no wish to meet."""


class OwnQuestions:
    """``observe_agent`` and ``observe_caller`` in the order of the messages. ``expecting``: the open one. ``answered``:
    the key of the one that the caller's last text answers. ``recorded``: the answers as they were last kept."""

    def __init__(self) -> None:
        self.questions: tuple[ProfileQuestion, ...] = ()
        self.are_all = False
        """Beside the need nothing else is to be found out."""
        self.answers: dict[str, str] = {}
        self.recorded: dict[str, str] = {}
        self.expecting: ProfileQuestion | None = None
        self.answered: str | None = None
        self.left: set[str] = set()
        self._asked: Counter[str] = Counter()

    @property
    def next(self) -> ProfileQuestion | None:
        """The next one to ask; None: there is none left."""
        return next((one for one in self.questions if self._is_open(one)), None)

    def known(self, keys: Iterable[str]) -> None:
        """Answered in an earlier conversation."""
        self.left.update(keys)

    def observe_agent(self, text: str, *, repeated: bool, moves_on: bool) -> bool:
        """The agent said this; whether it asks one of them. ``moves_on``: it asks something else, or takes leave."""
        plain = f" {plain_words(text)} "
        asked = [one for one in self.questions if f" {plain_words(one.question)} " in plain]
        if asked:
            self.expecting = asked[-1]
            self._asked[asked[-1].key] += 0 if repeated else 1
        elif moves_on:
            self.expecting = None
        return bool(asked)

    def observe_caller(self, latest: Understanding, *, opting_out: bool, need_known: bool) -> None:
        """``need_known``: else who tells of a need answers that, and no question of ours."""
        self.answered = None
        asked = self.expecting
        if asked is None or opting_out or latest.empty or (latest.facts.need is not None and not need_known):
            return
        chosen = _chosen(asked, latest)
        if latest.says("no_questions", "no_buyer", "only_looks"):
            self.expecting = None
            return
        is_bare = _ASKS_WHAT.match(plain_words(asked.question)) is not None and _is_bare(latest)
        if chosen is None and (not _tells(latest) or (is_bare and latest.polarity != "no")):
            return
        self.expecting = None
        if chosen is None and (latest.says("does_not_know") or is_bare):
            self.left.add(asked.key)
            return
        said = " ".join(latest.text.split())
        self.answers[asked.key] = chosen or (without_hesitation(said) or said)[:MAX_ANSWER_CHARS]
        self.answered = asked.key

    def observe_facts(self, facts: Facts) -> None:
        """What was told in passing is not asked for."""
        for one in self.questions:
            field = expected_answer(one.question)
            known = getattr(facts, field) if field in ("team_size", "budget", "timing") else None
            if known is not None and one.key not in self.answers and one != self.expecting:
                self.answers[one.key] = str(known)

    def observe_recording(self, given: Mapping[str, Any]) -> None:
        """``update_lead`` was called with these arguments, by whichever model."""
        answers = given.get("answers")
        if isinstance(answers, dict):
            keys = {one.key for one in self.questions}
            told = {key: words for key, words in answers.items() if key in keys and isinstance(words, str)}
            self.answers |= told
        self.recorded = dict(self.answers)

    def _is_open(self, one: ProfileQuestion) -> bool:
        return one.key not in self.answers and one.key not in self.left and self._asked[one.key] < MAX_OWN_ASKED


def worded(one: ProfileQuestion) -> str:
    """The question as it is asked: with the answers to choose from, unless it names them itself."""
    plain = plain_words(one.question)
    if not one.choices or all(plain_words(choice) in plain for choice in one.choices):
        return one.question
    choices = list(one.choices)
    listed = f"{', '.join(choices[:-1])} or {choices[-1]}" if len(choices) > 1 else choices[0]
    return f"{one.question} {listed[:1].upper()}{listed[1:]}?"


def _chosen(asked: ProfileQuestion, latest: Understanding) -> str | None:
    """The one of its answers that a text names, or the first or second of them."""
    if latest.asks:
        return None
    said = f" {latest.plain} "
    named = [choice for choice in asked.choices if f" {plain_words(choice)} " in said]
    longest = max(named, key=len, default=None)
    if longest is not None and all(plain_words(choice) in plain_words(longest) for choice in named):
        return longest
    place = latest.choice if not named else None
    return asked.choices[place] if place is not None and 0 <= place < len(asked.choices) else None


def _is_bare(latest: Understanding) -> bool:
    """A yes, a no or a "mhm" and nothing else, which answers no question of what, when or who."""
    alone = latest.polarity is not None and latest.plain.count(" ") < MOST_BARE_WORDS
    return alone or is_backchannel(latest.text)


def _tells(latest: Understanding) -> bool:
    """Whether a text is no question, objection, wish or farewell: then it is the answer."""
    beside = (
        latest.asks
        or latest.objection is not None
        or latest.intent in _SIDE_TURNS
        or latest.takes_leave
        or latest.may_opt_out
        or latest.foreign
        or latest.says("abuse")
        or latest.by is not None
        or latest.adds_guest
    )
    wishes = latest.intent in ("booking", "reschedule") and _MEETS.search(latest.plain) is not None
    return not (beside or wishes)
