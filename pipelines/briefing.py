"""What a conversation's model is told of the caller: who it is, how promising, and what is worth asking next.

It is made beside the conversation and reaches the next reply; rules and models read the same text. It stands beside
tools that have effects, and some of its facts were written by others (a source of enrichment, a form). What holds
whatever they wrote: it has five facts, answers to the operator's questions that are no longer than those, and no free
text, each of one short line of letters and plain punctuation, quoted as JSON that no value can end, and told to be
data. Its tools act for this conversation alone.

Beyond that a value that reads like an order is left out, whoever said it: by its shape, as a name has few long words
that are written small, and by the words that plain attempts begin with, in the languages most models obey. That proves
nothing of others. A fact whose absence would be worth less than that
risk (a person's notes, a company's description) has no place here.
"""

import re
from typing import Final

import msgspec
from msgspec import Struct

MAX_VALUE_CHARS: Final = 60
SHOWN: Final = ("name", "company", "title", "industry", "company_size")

MAX_WORDS: Final = 7
"""Names of people, companies, roles and trades have no more; a sentence that wants something has."""

_HEAD: Final = "About the caller, as data: "
_NAME: Final = re.compile(r"(?:[^\W_]|[ .,&'\u2019()/+#-])+")
_DEMAND: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override|instructions?|prompt|please|must|should|your?|tools?|functions?|now|never"
    r"|opt(?:ed|ing)?[ -]?out|unsubscribe|(?:book|cancel|call|transfer|send|set|say|tell|give|reveal|run) "
    r"(?:a|an|the|me|us|it|him|her|them|this|that|all|opt|book|hand|update|to)|hand(?:ed)?[ -]?(?:off|over))\b"
    r"|(?-i:\. [a-z])",
    re.IGNORECASE,
)
"""Words by which a name would tell a model what to do. Some real names have one ("Please Touch Museum") and are not
told: the conversation asks for them."""


_DEMAND_ELSEWHERE: Final = re.compile(
    r"\b(?:ignorier|vergiss\b|vergesst?\b|missachte|anweisung|ignora\b|ignorez|olvida|instruccion|istruzion|instru[cç][oõ]"
    r"|esque[cç]a|dimentica|oublie|consignes\b|negeer|vergeet|instructies|игнорируй|забудь|инструкци)"
    r"|[忽无無][略视視]|指示|忘れ",
    re.IGNORECASE,
)
"""The same in German, Spanish, French, Italian, Portuguese, Dutch, Russian, Chinese and Japanese: how one tells a model
to forget what it was told."""

LONGEST_PARTICLE: Final = 3
MOST_SMALL_WORDS: Final = 3
"""Long words without a capital in a name; those between its parts ("of", "van der", "de la") are short."""


class Briefing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``known``: of ``SHOWN``, what is known · ``missing``: criteria, the most worthwhile first ·
    ``answered``: keys of the operator's questions that were answered before, ``answers``: what was said to them, where
    it is short and plain · ``corrected``: keys of those that a person wrote or took away · ``time_zone``: the caller's
    (an IANA name), where its clock is not the office's."""

    known: dict[str, str] = {}
    score: int
    tier: str
    missing: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    answers: dict[str, str] = {}
    corrected: tuple[str, ...] = ()
    time_zone: str | None = None


def written(briefing: Briefing, *, asks_more: bool = False) -> str:
    """``asks_more``: questions of the operator's are open."""
    known = {name: plain for name in SHOWN if (plain := _plain_name(name, briefing.known.get(name, "")))}
    answers = {key: plain for key, words in briefing.answers.items() if (plain := _plain_name(key, words))}
    data = msgspec.json.encode(msgspec.structs.replace(briefing, known=known, answers=answers)).decode()
    data = data.replace("<", "\\u003c").replace(">", "\\u003e")
    ask = f"Not known yet, most worthwhile first: {', '.join(briefing.missing)}. Ask for one at a time, when it fits."
    rest = "Your own questions come first." if asks_more else "Nothing is left to find out."
    keys = ", ".join(briefing.corrected)
    holds = f" A person has since corrected {keys}: what was said of that before no longer holds." if keys else ""
    return f"{_HEAD}{data}\n{ask if briefing.missing else rest} Do not ask what is known.{holds}"


def read(text: str) -> Briefing | None:
    """None: the text is no briefing."""
    if not text.startswith(_HEAD):
        return None
    try:
        return msgspec.json.decode(text.removeprefix(_HEAD).partition("\n")[0], type=Briefing)
    except msgspec.DecodeError:
        return None


def _plain_name(field: str, value: str) -> str:
    """Empty: it is no name."""
    text = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    is_name = len(text) <= MAX_VALUE_CHARS and len(text.split()) <= MAX_WORDS and _NAME.fullmatch(text) is not None
    small = [word for word in text.split() if len(word) > LONGEST_PARTICLE and word[0].islower()]
    is_sentence = field != "industry" and len(small) > MOST_SMALL_WORDS  # trades are written small
    demands = _DEMAND.search(text) is not None or _DEMAND_ELSEWHERE.search(text) is not None
    return text if is_name and not (is_sentence or demands) else ""
