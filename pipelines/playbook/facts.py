"""What is known of a caller, and which of it a text tells."""

import re
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from pipelines.intent.classifier import plain_words
from pipelines.intent.labels import Expected, IntentLabel
from pipelines.playbook import qualification
from pipelines.playbook.extract.emails import find_email, without_addresses
from pipelines.playbook.extract.names import find_company, find_name
from pipelines.playbook.extract.phones import find_phone, without_phones
from pipelines.playbook.extract.repairs import repaired
from pipelines.playbook.extract.times import find_moment
from pipelines.playbook.need import find_need
from pipelines.playbook.qualification import Authority
from pipelines.playbook.signs import says


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


_TELLS_LITTLE: Final[frozenset[IntentLabel]] = frozenset({"opt_out", "repeat", "wait", "are_you_a_bot", "goodbye"})
_STATES_NOTHING: Final[frozenset[IntentLabel]] = frozenset({"greeting", "small_talk", "yes", "no", "wants_person"})
MOST_WORDS_OF_REFERRAL: Final = 15
FEWEST_WORDS_OF_STATEMENT: Final = 4
_SENTENCE: Final = re.compile(r"[^.!?]+(?:[.!?]+(?=\s|$)|[.!?](?=\S)|$)")


def facts_in(
    text: str, plain: str, intent: IntentLabel, expecting: Expected | None, now: datetime, *, asks: bool
) -> Facts:
    """The facts a text states. Numbers of times and addresses are not mistaken for team sizes and budgets."""
    email = find_email(text)
    if email is not None and expecting in ("email", "confirmation"):
        return Facts(email=email, name=find_name(without_addresses(text)) if "@" in text else None)
    said, phone = text, find_phone(text)
    text = without_phones(without_addresses(text))
    named = find_moment(text, now, bare_hour=expecting == "name")
    tells_time = named.at is not None or (named.day is not None and expecting == "name")
    tells_time = tells_time or says(plain, "only_part_of_day")
    name = find_name(
        text,
        asked=expecting == "name" and not (asks or tells_time) and (email is None or "@" in said),
        wanted=expecting in ("email", "confirmation", "time_slot", "anything_else"),
    )
    if intent in _TELLS_LITTLE:
        return Facts(email=email, name=name, phone=phone)
    states = not asks and intent not in _STATES_NOTHING
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


def stated(text: str) -> str | None:
    """What a text that ends in a question states before it; None: nothing of any length."""
    sentences = _SENTENCE.findall(text)
    told = "".join(one for one in sentences if not one.rstrip().endswith("?")).strip()
    return told if len(sentences) > 1 and told.count(" ") >= FEWEST_WORDS_OF_STATEMENT else None


def also(facts: Facts, others: Facts) -> Facts:
    """The facts, and of the others what they lack."""
    lacking = {name: value for name, value in msgspec.structs.asdict(others).items() if getattr(facts, name) is None}
    return msgspec.structs.replace(facts, **lacking)


_SAID_ANEW: Final[tuple[Expected, ...]] = ("team_size", "budget", "timing", "email")


def repaired_facts(facts: Facts, text: str, intent: IntentLabel, now: datetime) -> Facts:
    """The facts of a text, with those that are said anew in the same breath: "fifteen, no wait, fifty"."""
    parts = repaired(text)
    if parts is None:
        return facts
    before, instead = parts
    for field in _SAID_ANEW:
        was = getattr(facts_in(before, plain_words(before), intent, field, now, asks=False), field)
        new = getattr(facts_in(instead, plain_words(instead), intent, field, now, asks=False), field)
        if was is not None and new is not None and getattr(facts, field) is not None:
            facts = msgspec.structs.replace(facts, **{field: new})
    return facts


def _referral(text: str, plain: str) -> str | None:
    """Whom to talk to instead, in the caller's words."""
    return " ".join(text.split())[:120].rstrip(" .") if plain.count(" ") < MOST_WORDS_OF_REFERRAL else None
