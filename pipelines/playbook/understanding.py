"""One text of the caller, understood in the light of what was asked: what it means and which facts it states."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal

import msgspec
from msgspec import Struct

from pipelines.call_audio.wish import refuses_recording
from pipelines.intent.answers import is_question
from pipelines.intent.classifier import RULE_CONFIDENCE, classify, plain_words
from pipelines.intent.labels import Expected, IntentLabel
from pipelines.playbook import qualification
from pipelines.playbook.answered_by import AnsweredBy, answered_by
from pipelines.playbook.extract.emails import find_email, without_addresses
from pipelines.playbook.extract.names import find_company, find_name
from pipelines.playbook.extract.phones import find_phone, without_phones
from pipelines.playbook.extract.times import Moment, find_moment, find_moments
from pipelines.playbook.need import find_need, is_pain
from pipelines.playbook.objections import STATED, Objection, find_objection
from pipelines.playbook.qualification import Authority
from pipelines.playbook.tone import is_abuse, is_foreign
from pipelines.playbook.wishes import (
    adds_guest,
    announces_question,
    asks_price,
    changes_number,
    is_no_buyer,
    only_looks,
    points_to_number,
    wants_call_back,
    wants_new_meeting,
    wants_no_questions,
)

Polarity = Literal["yes", "no"]


class Facts(Struct, frozen=True):
    """What is known of the caller, or what one text says; None where it says nothing."""

    need: str | None = None
    team_size: int | None = None
    budget: str | None = None
    authority: Authority | None = None
    timing: str | None = None
    name: str | None = None
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    referral: str | None = None


class Understanding(Struct, frozen=True):
    """A text of the caller. ``or_moment``: a second time named beside ``moment``; ``had_moment``: when a meeting was to be; ``taken_back``: numbers it calls wrong; ``choice``: which of the offered times, from 0;
    ``by``: who speaks, where it is nobody to sell to; ``may_opt_out``: it sounds a little like a wish for no more calls.
    What cannot be undone takes clear words, or a yes to the question."""

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
    corrects: bool = False
    does_not_know: bool = False
    partial_email: bool = False
    foreign: bool = False
    abusive: bool = False
    by: AnsweredBy | None = None
    may_opt_out: bool = False
    wants_no_questions: bool = False
    is_no_buyer: bool = False
    only_looks: bool = False
    adds_guest: bool = False

    @property
    def asks_about_us(self) -> bool:
        return self.asks and self.intent in ("pricing", "product_question")

    @property
    def takes_leave(self) -> bool:
        return self.intent == "goodbye" or _BYE.search(self.plain) is not None

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

_AFTER_A_TIME: Final[frozenset[Expected | None]] = frozenset({"time_slot", "name"})
"""Questions at which a bare hour is one: a time is asked for, or was just agreed on."""

_PART_OF_DAY: Final = re.compile(r"(?:in the |the |maybe |better )*(?:morning|afternoon|evening)(?: please)?")
"""When, where a time is at issue; a greeting elsewhere."""

MOST_WORDS_OF_CHOICE: Final = 4

_DOES_NOT_KNOW: Final = re.compile(
    r"\b(?:dont (?:really )?know|do not know|not sure|no idea|dunno|no clue|couldnt (?:say|tell)|cant (?:say|tell)"
    r"|hard to say|havent (?:decided|thought)|not decided|rather not|prefer not|not comfortable"
    r"|none of your business|its (?:private|confidential)|depends"
    r"|it varies|you tell me|who knows|skip)\b|^(?:maybe|perhaps|possibly|could be|probably)(?: so| not)?$"
)
_CORRECTS: Final = re.compile(
    r"^(?:(?:oh|um|uh|wait|sorry|no|nope|hang on|hold on) )*(?:actually|correction|i meant|i mean|i said"
    r"|let me correct|thats wrong|thats not right)\b|^(?:no|nope|wait|sorry) (?:sorry |no |wait )*(?:its|it is|i|my"
    r"|the|we|not|thats|that is|\d|[a-z]+ty\b|[a-z]+teen\b)|\b(?:actually|sorry|i meant) (?:my|its|the|we|it is"
    r"|make)\b|\bnot \w+ (?:but|its)\b"
)
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

_FIRST: Final = re.compile(r"\b(?:first|former|earlier|earliest|sooner|number one|option one|1st)\b(?! of)")
_SECOND: Final = re.compile(
    r"\b(?:second|latter|later (?:one|slot|time)|the later|number two|option two|2nd)\b(?! (?:thought|of))"
)
_LAST: Final = re.compile(r"\b(?:last|third|number three|option three)\b(?= (?:one|slot|time|option)|$)")
_BYE: Final = re.compile(r"\b(?:bye|goodbye|adios|ciao|tsch[u\u00fc]ss|au revoir)\b")
_SHORT_YES: Final = re.compile(r"(?:y|ye|ja|jo|oui|si)(?: (?:please|thanks|bitte))?")
_SHORT_NO: Final = re.compile(r"(?:n|nee|nein|non)(?: (?:thanks|danke))?")
"""As one types them."""

_OF_CONTACT: Final = re.compile(
    r"call|phone|ring|contact|text|mail|number|list|message|bother|harass|subscri|opt|remov|delet|record|database|again|alone|stop"
)
"""Without any of these nobody asks for peace."""

_HAS_BEEN: Final = re.compile(
    r"\W*(?:it|mine|(?:my|the|our) (?:meeting|demo|call|appointment)) (?:was|had been) ", re.IGNORECASE
)
"""When a meeting was to be, and not when it is to be."""

_OF_PAYING: Final = re.compile(r"\b(?:card|account|order|invoice|bank) numbers?\b|\bsign (?:me|us) up\b")
_ABOUT_LATER: Final = re.compile(r"(?:so )?(?:can|could|do|how do|how can|how would|what if) i\b")
"""They ask how it goes, and do not ask for it."""

_NAMES_TIME: Final = re.compile(r"\b(?:first|second|earlier|later|last) (?:time|slot|option)\b")
_ONLY_CHOICE: Final = re.compile(
    r"(?:(?:ok|okay|yes|sure|lets do|ill take|id take|take|maybe|no|sorry) )*the (?:first|second|third|last)"
    r"(?: (?:then|please|works|is (?:fine|good|better)))*"
)
"""One of the times on offer, and not the first of the month."""

_ASKS_INDIRECTLY: Final = re.compile(
    r"\b(?:(?:i|we) (?:\w+ )?(?:want|wanted|need|would like|like) to|id (?:\w+ )?like to|wed like to) (?:know|ask|find out|see)"
    r" (?:if|whether|how|what|when|where|which|who)\b|\b(?:im|i was|i am) (?:just )?wondering (?:if|whether|how|what|when)\b"
    r"|^(?:please |just |so |and )*tell me (?:if|whether|how|what|when|where|which|who)\b"
)
_WHEN_IT_COMES: Final = re.compile(
    r"(?:(?:and|so|ok|okay|but) )*when (?:will|would|does|do|is|are) (?!.*\b(?:i|we|you|me|us|specialist|call|meeting|demo|appointment)\b)"
)
"""Something, rather than somebody."""

_MOVED_TO: Final = re.compile(r".*\b(?:to|until|till|for) (.+)", re.IGNORECASE | re.DOTALL)
_ASKED_MIDWAY: Final = re.compile(
    r"\b(?:how (?:much|long|many|do|does|is|are|soon|secure|would)|what (?:is|are|does|do|kind|about|happens|would"
    r"|if)|whats|do you (?:have|support|offer|work|integrate|record|guys)"
    r"|does it|can it|is it|is there|are there|can (?:i|we|you)|will it|which \w+)\b"
)


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
    found = classify(text, expecting=expecting)
    unsure = found.label == "opt_out" and found.confidence < RULE_CONFIDENCE
    may_opt_out = (
        unsure
        and _OF_CONTACT.search(plain) is not None
        and _ABOUT_LATER.match(plain) is None
        and _OF_PAYING.search(plain) is None
        and not (refuses_recording(text) or points_to_number(plain))
    )
    intent = "other" if unsure else found.label
    if asks_price(plain) and intent in ("other", "small_talk", "objection", "qualification_answer"):
        intent = "pricing"
    if wants_new_meeting(plain) and intent != "opt_out":
        intent = "booking"
    asks = (
        "?" in text
        or is_question(plain)
        or _ASKS_INDIRECTLY.search(plain) is not None
        or (intent in ("pricing", "product_question") and _ASKED_MIDWAY.search(plain) is not None)
        or (intent == "pricing" and asks_price(plain))
    )
    pushes_back = intent == "objection" and find_objection(plain) is not None
    if intent in ("qualification_answer", "objection") and _ASKS_INDIRECTLY.search(plain) and not pushes_back:
        intent = "product_question"
    if intent == "booking" and _WHEN_IT_COMES.match(plain) is not None:
        intent = "product_question"
    if intent == "greeting" and expecting in _AFTER_A_TIME and _PART_OF_DAY.fullmatch(plain) is not None:
        intent = "other"
    if intent == "reschedule" and changes_number(plain):
        intent = "product_question"
    if intent == "product_question" and not asks and is_pain(plain):
        intent = "qualification_answer"
    does_not_know = _DOES_NOT_KNOW.search(plain) is not None
    no_buyer = is_no_buyer(plain)
    foreign, abusive = is_foreign(text, plain), is_abuse(plain)
    facts = _facts(text, plain, intent, expecting, now, asks=asks)
    with_guest = adds_guest(plain)
    if with_guest:
        facts = msgspec.structs.replace(facts, email=None, name=None)  # are the guest's
    if foreign or abusive:
        facts = Facts(email=facts.email)
    elif (does_not_know or no_buyer or announces_question(plain) or wants_call_back(plain)) and facts.need is not None:
        facts = msgspec.structs.replace(facts, need=None)
    choice = _choice(plain) if expecting == "time_slot" or _is_brief(plain) or _NAMES_TIME.search(plain) else None
    only_choice = choice is not None and _ONLY_CHOICE.fullmatch(plain) is not None
    moment, or_moment = (Moment(), Moment()) if only_choice else _moments(text, intent, expecting, now)
    had = find_moment(text, now) if _HAS_BEEN.match(text) else Moment()
    return Understanding(
        text=text,
        plain=plain,
        intent=intent,
        facts=facts,
        moment=moment,
        or_moment=or_moment,
        had_moment=had,
        choice=choice,
        taken_back=tuple(qualification.kept_numbers(text)[1]),
        objection=_objection(plain, intent, facts),
        polarity=_polarity(plain, intent),
        asks=asks,
        corrects=_CORRECTS.search(plain) is not None,
        does_not_know=does_not_know,
        partial_email=facts.email is None and _looks_like_email(plain, expecting),
        foreign=foreign,
        abusive=abusive,
        by=by,
        may_opt_out=may_opt_out and by is None,
        wants_no_questions=wants_no_questions(plain),
        is_no_buyer=no_buyer,
        only_looks=only_looks(plain),
        adds_guest=with_guest,
    )


def _facts(
    text: str, plain: str, intent: IntentLabel, expecting: Expected | None, now: datetime, *, asks: bool
) -> Facts:
    """The facts a text states. Numbers of times and addresses are not mistaken for team sizes and budgets."""
    email = find_email(text)
    if email is not None and expecting in ("email", "confirmation"):
        return Facts(email=email, name=find_name(without_addresses(text)) if "@" in text else None)
    said, phone = text, find_phone(text)
    text = without_phones(without_addresses(text))
    names_part = _PART_OF_DAY.fullmatch(plain) is not None
    named = find_moment(text, now, bare_hour=expecting == "name")
    tells_time = names_part or named.at is not None or (named.day is not None and expecting == "name")
    name = find_name(
        text,
        asked=expecting == "name" and not (asks or tells_time) and (email is None or "@" in said),
        wanted=expecting in ("email", "confirmation", "time_slot", "anything_else"),
    )
    if intent in ("opt_out", "repeat", "wait", "are_you_a_bot", "goodbye"):
        return Facts(email=email, name=name, phone=phone)
    states = not asks and intent not in ("greeting", "small_talk", "yes", "no", "wants_person")
    facts = Facts(
        team_size=qualification.team_size(
            text,
            plain,
            asked=expecting == "team_size" and not (tells_time or (asks and intent == "product_question")),
            elsewise=expecting == "authority",
        ),
        budget=qualification.budget(text, plain, asked=expecting == "budget" and not tells_time, asks=asks),
        authority=None if asks else qualification.authority(plain, asked=expecting == "authority"),
        timing=None if asks else qualification.timing(plain, asked=expecting == "timing"),
        name=name,
        company=None if asks else find_company(text, asked=expecting == "company" and states),
        email=email,
        phone=phone,
        referral=_referral(text, plain) if expecting == "referral" and states else None,
    )
    if not states or intent not in ("qualification_answer", "other"):
        return facts
    told_otherwise = facts != Facts()
    need = find_need(text, plain, asked=expecting == "need" and intent != "other" and not told_otherwise)
    return msgspec.structs.replace(facts, need=need)


def _objection(plain: str, intent: IntentLabel, facts: Facts) -> Objection | None:
    """Of a text that plainly does something else, only an objection whose words are clear."""
    found = find_objection(plain)
    if intent == "objection":
        return found or "general"
    if wants_call_back(plain) and intent != "booking":
        return "no_time"
    does_otherwise = intent not in ("other", "no", "wants_person", "qualification_answer") or facts != Facts()
    clear = found in STATED and intent != "booking" and facts.email is None
    return None if does_otherwise and not clear else found


def _polarity(plain: str, intent: IntentLabel) -> Polarity | None:
    if _NO_I_MEAN.match(plain):
        return None
    if intent == "no" or _NO.match(plain) or _SHORT_NO.fullmatch(plain):
        return "no"
    return "yes" if intent == "yes" or _YES.match(plain) or _SHORT_YES.fullmatch(plain) else None


def _referral(text: str, plain: str) -> str | None:
    """Whom to talk to instead, in the caller's words."""
    return " ".join(text.split())[:120].rstrip(" .") if plain.count(" ") < 15 else None


def _is_brief(plain: str) -> bool:
    return plain.count(" ") < MOST_WORDS_OF_CHOICE


def _moments(text: str, intent: IntentLabel, expecting: Expected | None, now: datetime) -> tuple[Moment, Moment]:
    """When, or when else; of a meeting that is moved the time it is moved to, rather than the one it has."""
    if _HAS_BEEN.match(text):
        return Moment(), Moment()
    bare_hour = expecting in _AFTER_A_TIME
    if intent == "reschedule" and (moved := _MOVED_TO.match(text)) is not None:
        found = find_moments(moved[1], now, bare_hour=bare_hour)
        if found[0]:
            return found
    return find_moments(text, now, bare_hour=bare_hour)


def _choice(plain: str) -> int | None:
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
