"""What a text wants: the classifier's label, put right where the words are plainer than it is."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from pipelines.call_audio.wish import refuses_recording
from pipelines.intent.answers import is_question
from pipelines.intent.classifier import RULE_CONFIDENCE, classify
from pipelines.intent.labels import LABELS, Expected, IntentLabel
from pipelines.playbook.need import is_pain
from pipelines.playbook.objections import find_objection
from pipelines.playbook.signs import Sign, says

AFTER_A_TIME: Final[frozenset[Expected | None]] = frozenset({"time_slot", "name"})
"""Questions at which a bare hour is one: a time is asked for, or was just agreed on."""

_NO_WISH_FOR_PEACE: Final[tuple[Sign, ...]] = ("asks_how_later", "asks_who_calls", "of_paying", "points_to_number")


class Wanting(Struct, frozen=True):
    """``may_opt_out``: it sounds a little like a wish for no more calls. What cannot be undone takes clear words, or a
    yes to the question."""

    text: str
    plain: str
    expecting: Expected | None
    intent: IntentLabel
    may_opt_out: bool = False

    @property
    def asks(self) -> bool:
        """Whether it is a question, with or without its mark."""
        return (
            "?" in self.text
            or (is_question(self.plain) and not says(self.plain, "confirms"))
            or says(self.plain, "asks_indirectly")
            or says(self.plain, "asks_why_us")
            or (self.intent in ("pricing", "product_question") and says(self.plain, "asks_midway"))
            or (self.intent == "pricing" and says(self.plain, "asks_price"))
        )


class Amendment(Struct, frozen=True):
    """A text taken for one of ``of`` is ``to``, where it has the sign or the condition holds."""

    to: IntentLabel
    of: frozenset[IntentLabel]
    when: Sign | Callable[[Wanting], bool]

    def holds(self, said: Wanting) -> bool:
        if said.intent not in self.of:
            return False
        return says(said.plain, self.when) if isinstance(self.when, str) else self.when(said)


def _of(*labels: IntentLabel) -> frozenset[IntentLabel]:
    return frozenset(labels)


def _all_but(*labels: IntentLabel) -> frozenset[IntentLabel]:
    return frozenset(LABELS) - frozenset(labels)


def _asks_rather_than_objects(said: Wanting) -> bool:
    pushes_back = said.intent == "objection" and find_objection(said.plain) is not None
    return says(said.plain, "asks_indirectly") and not pushes_back


def _names_part_of_day(said: Wanting) -> bool:
    return said.expecting in AFTER_A_TIME and says(said.plain, "only_part_of_day")


def _tells_what_hurts(said: Wanting) -> bool:
    return not said.asks and is_pain(said.plain)


_AMENDMENTS: Final = (
    Amendment("pricing", _of("other", "small_talk", "objection", "qualification_answer"), "asks_price"),
    Amendment("booking", _all_but("opt_out"), "wants_new_meeting"),
    Amendment("product_question", _of("qualification_answer", "objection"), _asks_rather_than_objects),
    Amendment("product_question", _of("objection", "other", "qualification_answer"), "asks_why_us"),
    Amendment("objection", _of("wants_person"), "wants_in_writing"),
    Amendment("booking", _all_but("opt_out"), "wants_specialist"),
    Amendment(
        "booking", _of("product_question", "other", "qualification_answer", "pricing", "small_talk"), "asks_times"
    ),
    Amendment("product_question", _of("booking"), "asks_when_it_comes"),
    Amendment("other", _of("greeting"), _names_part_of_day),
    Amendment("product_question", _of("reschedule"), "changes_number"),
    Amendment("qualification_answer", _of("product_question"), _tells_what_hurts),
)
"""In this order, each on what the ones before it made of the text."""


def wanting(text: str, plain: str, expecting: Expected | None) -> Wanting:
    """``plain``: ``text`` in lower case, without punctuation."""
    found = classify(text, expecting=expecting)
    unsure = found.label == "opt_out" and found.confidence < RULE_CONFIDENCE
    said = Wanting(text, plain, expecting, "other" if unsure else found.label, unsure and _may_opt_out(text, plain))
    for amendment in _AMENDMENTS:
        if amendment.holds(said):
            said = Wanting(text, plain, expecting, amendment.to, said.may_opt_out)
    return said


def _may_opt_out(text: str, plain: str) -> bool:
    """Whether a text that the classifier takes for one may be that at all."""
    sounds_so = says(plain, "of_contact") and says(plain, "of_refusing")
    return sounds_so and not (any(says(plain, sign) for sign in _NO_WISH_FOR_PEACE) or refuses_recording(text))
