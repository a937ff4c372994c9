"""One text of the caller, understood in the light of what was asked: what it means and which facts it states."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal

import msgspec
from msgspec import Struct

from pipelines.intent.classifier import plain_words
from pipelines.intent.labels import Expected, IntentLabel
from pipelines.playbook.answered_by import AnsweredBy, answered_by
from pipelines.playbook.extract.repairs import repaired
from pipelines.playbook.extract.times import Moment, find_moment, find_moments
from pipelines.playbook.facts import Facts, also, facts_in, repaired_facts, stated
from pipelines.playbook.objections import STATED, Objection, find_objection
from pipelines.playbook.qualification import kept_numbers
from pipelines.playbook.signs import Sign, says
from pipelines.playbook.tone import is_foreign
from pipelines.playbook.wanting import AFTER_A_TIME, wanting

Polarity = Literal["yes", "no"]


class Understanding(Struct, frozen=True):
    """A text of the caller.

    ``or_moment``: a second time named beside ``moment``; ``had_moment``: when a meeting was to be; ``choice``: which of
    the offered times, from 0; ``taken_back``: numbers it calls wrong; ``by``: who speaks, where it is nobody to sell to;
    ``may_opt_out``: it sounds a little like a wish for no more calls. What else it says is asked for with ``says``.
    """

    text: str
    plain: str
    intent: IntentLabel
    facts: Facts = Facts()
    moment: Moment = Moment()
    or_moment: Moment = Moment()
    had_moment: Moment = Moment()
    choice: int | None = None
    taken_back: tuple[float, ...] = ()
    objection: Objection | None = None
    polarity: Polarity | None = None
    asks: bool = False
    partial_email: bool = False
    foreign: bool = False
    by: AnsweredBy | None = None
    may_opt_out: bool = False
    adds_guest: bool = False

    def says(self, *signs: Sign) -> bool:
        """Whether it has the words of one of the signs."""
        return any(says(self.plain, sign) for sign in signs)

    @property
    def asks_about_us(self) -> bool:
        return self.asks and self.intent in ("pricing", "product_question")

    @property
    def takes_leave(self) -> bool:
        return self.intent == "goodbye" or self.says("bye", "wishes_well")

    @property
    def empty(self) -> bool:
        return not self.plain

    @property
    def brief(self) -> bool:
        """So short that it may choose among times offered earlier: "the second one"."""
        return _is_brief(self.plain)

    @property
    def learns(self) -> bool:
        """Whether it states any fact."""
        return self.facts != Facts()


MAX_CHARS: Final = 1_000
"""Of a longer text only the beginning is understood: nobody says so much in one breath."""

CACHED_TEXTS: Final = 4096
"""Texts whose understanding is kept: every message of a history is understood once, not once a turn."""

MOST_WORDS_OF_CHOICE: Final = 4

_YES: Final = re.compile(
    r"^(?:(?:um|uh|oh|well|and|so|hm|hmm) )*(?:yes|yeah|yep|yup|yea|sure|correct|right|exactly|absolutely|of course"
    r"|definitely|certainly|uh huh|mhm|mm hmm|ok|okay|perfect|great|fine|i do|i am|we do|that works|works"
    r"|sounds good|go ahead|please do|why not|indeed|thats (?:right|correct|it|me|fine|perfect|great)|you got it"
    r"|i (?:guess|think|believe) so)\b"
)
_NO: Final = re.compile(
    r"^(?:(?:um|uh|oh|well|and|so|hmm|sorry) )*(?:no|nope|nah|not|negative|none|neither|wrong|never|i dont think so"
    r"|i dont|we dont|thats (?:not|wrong|incorrect)|incorrect|i cant|cant)\b"
)
_NO_I_MEAN: Final = re.compile(
    r"(?:no|nope|sorry) (?:sorry |no )*(?:i mean|i meant|what i mean|im asking|i was asking)\b"
)
"""Not a no, but the same question again."""

_SHORT_YES: Final = re.compile(r"(?:y|ye|ja|jo|oui|si)(?: (?:please|thanks|bitte))?")
_SHORT_NO: Final = re.compile(r"(?:n|nee|nein|non)(?: (?:thanks|danke))?")
"""As one types them."""

_REFUSED_PLACE: Final = re.compile(
    r"\b(?:not|(?:cant|cannot) (?:do|make)) (?:the )?(?:first|second|last)(?: one)?\b(?! (?:is|works|suits))"
    r"|\b(?:first|second|last)(?: (?:one|time|slot))? (?:(?:is|does|will|would) not|isnt|doesnt|wont|wouldnt)\b"
)
"""Of the times offered one that does not suit, and is not chosen by being named."""

_FIRST: Final = re.compile(r"\b(?:first|former|earlier|earliest|sooner|number one|option one|1st)\b(?! of)")
_SECOND: Final = re.compile(
    r"\b(?:second|latter|later (?:one|slot|time)|the later|number two|option two|2nd)\b(?! (?:thought|of))"
)
_LAST: Final = re.compile(r"\b(?:last|third|number three|option three)\b(?= (?:one|slot|time|option)|$)")
_HAS_BEEN: Final = re.compile(
    r"\W*(?:it|mine|(?:my|the|our) (?:meeting|demo|call|appointment)) (?:was|had been) ", re.IGNORECASE
)
"""When a meeting was to be, and not when it is to be."""

_MOVED_TO: Final = re.compile(r".*\b(?:to|until|till|for) (.+)", re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=CACHED_TEXTS)
def understand(text: str, expecting: Expected | None, now: datetime) -> Understanding:
    """Understand a text. ``now`` need only be the day: it places "tomorrow"."""
    text = text[:MAX_CHARS]
    plain = plain_words(text)
    if not plain.replace("@", "").strip():
        return Understanding(text=text, plain="", intent="other")
    by = answered_by(plain)
    if by in ("voicemail", "menu", "child"):
        return Understanding(text=text, plain=plain, intent="other", by=by)
    said = wanting(text, plain, expecting)
    intent, asks = said.intent, said.asks
    foreign = is_foreign(text, plain)
    found = facts_in(text, plain, intent, expecting, now, asks=asks)
    if asks and (told := stated(text)) is not None:
        part = wanting(told, plain_words(told), expecting)
        found = also(found, facts_in(told, part.plain, part.intent, expecting, now, asks=part.asks))
    facts = _kept(repaired_facts(found, text, intent, now), plain, foreign=foreign)
    choice = _choice(plain) if expecting == "time_slot" or _is_brief(plain) or says(plain, "names_offer") else None
    only_choice = choice is not None and says(plain, "only_choice")
    moment, or_moment = (Moment(), Moment()) if only_choice else _moments(text, intent, expecting, now)
    return Understanding(
        text=text,
        plain=plain,
        intent=intent,
        facts=facts,
        moment=moment,
        or_moment=or_moment,
        had_moment=find_moment(text, now) if _HAS_BEEN.match(text) else Moment(),
        choice=choice,
        taken_back=tuple(kept_numbers(text)[1]),
        objection=_objection(plain, intent, facts),
        polarity=_polarity(plain, intent),
        asks=asks,
        partial_email=facts.email is None and _looks_like_email(plain, expecting),
        foreign=foreign,
        by=by,
        may_opt_out=said.may_opt_out and by is None,
        adds_guest=says(plain, "adds_guest"),
    )


_NEEDS_NOTHING: Final[tuple[Sign, ...]] = (
    "does_not_know",
    "no_buyer",
    "announces_question",
    "wants_call_back",
    "seeks_work",
)


def _kept(facts: Facts, plain: str, *, foreign: bool) -> Facts:
    """Of the facts a text seems to state, those that hold with what else it says."""
    if says(plain, "adds_guest"):
        facts = msgspec.structs.replace(facts, email=None, name=None)  # are the guest's
    if foreign or says(plain, "abuse"):
        return Facts(email=facts.email)
    if facts.need is not None and any(says(plain, sign) for sign in _NEEDS_NOTHING):
        return msgspec.structs.replace(facts, need=None)
    return facts


def _objection(plain: str, intent: IntentLabel, facts: Facts) -> Objection | None:
    """Of a text that plainly does something else, only an objection whose words are clear."""
    if says(plain, "gives_no_address"):
        return None
    found = find_objection(plain)
    if intent == "objection":
        return found or "general"
    if says(plain, "wants_call_back") and intent != "booking":
        return "no_time"
    chats = intent == "small_talk" and found == "no_time"  # "hm okay, I'm pretty busy"
    does_otherwise = (
        intent not in ("other", "no", "wants_person", "qualification_answer") and not chats
    ) or facts != Facts()
    clear = found in STATED and intent != "booking" and facts.email is None
    return None if does_otherwise and not clear else found


def _polarity(plain: str, intent: IntentLabel) -> Polarity | None:
    if _NO_I_MEAN.match(plain):
        return None
    if intent == "no" or _NO.match(plain) or _SHORT_NO.fullmatch(plain):
        return "no"
    return (
        "yes"
        if intent == "yes" or says(plain, "confirms") or _YES.match(plain) or _SHORT_YES.fullmatch(plain)
        else None
    )


def _is_brief(plain: str) -> bool:
    return plain.count(" ") < MOST_WORDS_OF_CHOICE


def _moments(text: str, intent: IntentLabel, expecting: Expected | None, now: datetime) -> tuple[Moment, Moment]:
    """When, or when else; of a meeting that is moved the time it is moved to, rather than the one it has."""
    if _HAS_BEEN.match(text):
        return Moment(), Moment()
    bare_hour = expecting in AFTER_A_TIME
    if (parts := repaired(text)) is not None:
        was, instead = find_moment(parts[0], now, bare_hour=bare_hour), find_moment(parts[1], now, bare_hour=True)
        if was and instead:  # the day or the hour that is not said anew stays
            anew = {"day": instead.first_day or was.day, "at": instead.at or (None if instead.part else was.at)}
            return msgspec.structs.replace(instead, **anew), Moment()
    if intent == "reschedule" and (moved := _MOVED_TO.match(text)) is not None:
        found = find_moments(moved[1], now, bare_hour=bare_hour)
        if found[0]:
            return found
    return find_moments(text, now, bare_hour=bare_hour)


def _choice(plain: str) -> int | None:
    plain = _REFUSED_PLACE.sub(" ", plain)
    if _FIRST.search(plain):
        return 0
    if _SECOND.search(plain):
        return 1
    return -1 if _LAST.search(plain) else None


def _looks_like_email(plain: str, expecting: Expected | None) -> bool:
    """An address was begun and not understood to its end."""
    if expecting == "email":
        return re.search(r"\b(?:at|dot|gmail|yahoo|hotmail|outlook)\b|@|\b[a-z] [a-z] [a-z]\b", plain) is not None
    return re.search(r"\bat \w+(?: \w+)? dot\b|\bdot com\b", plain) is not None
