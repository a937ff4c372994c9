"""Who the agent is: what the instructions state plainly, as far as rules can follow them."""

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

from pipelines.agent_profile import read_profile
from pipelines.knowledge.index import KnowledgeIndex
from pipelines.knowledge.markdown import Section
from pipelines.playbook.extract.money import find_money
from storage.agents.profiles import ProfileFacts

DEFAULT_AGENT: Final = "Ava"
MAX_INSTRUCTION_CHARS: Final = 20_000
MIN_FACT_WORDS: Final = 3


class Persona(Struct, frozen=True):
    """Name and employer, words the instructions prescribe, and the facts they state.

    ``company`` None: nobody is named. ``exact``: the one text to answer with. ``greeting``: the words to open with.
    """

    agent: str = DEFAULT_AGENT
    company: str | None = None
    exact: str | None = None
    greeting: str | None = None
    facts: KnowledgeIndex | None = None


_PROPER: Final = r"[A-Z][\w&'\u2019-]*(?: (?:[A-Z][\w&'\u2019-]*|of|and|&)(?= [A-Z]| ?[,.\n]|$| )){0,4}"
_NAME: Final = re.compile(
    r"\b(?i:you are|you're|your name is|act as|call yourself|named|introduce yourself as) (?!(?:A|An"
    r"|The)\b)([A-Z][a-z]+)\b"
)
_EMPLOYER: Final = re.compile(
    rf"\b(?i:you are|you're|act as|you work|you sell|you speak|on behalf|your company|calling|agent|assistant"
    rf"|representative|rep|name is)\b[^.\n]{{0,80}}?\b(?i:from|at|for|of|with|company is|behalf of"
    rf"|called) (?i:the company |a company called )?({_PROPER})"
)
_FIELD: Final = re.compile(
    r"^\W*(?i:company|employer|business|organisation|organization)(?i: name)?\s*[:=]\s*(.+?)\s*$", re.MULTILINE
)
_AGENT_FIELD: Final = re.compile(r"^\W*(?i:agent|assistant)(?i: name)?\s*[:=]\s*([A-Z][a-z]+)\s*$", re.MULTILINE)
_SELLS: Final = re.compile(
    r"^([A-Z][\w&-]*(?: [A-Z][\w&-]*){0,3}) (?:sells|offers|provides|makes|builds|is a|is an|helps)\b", re.MULTILINE
)

_QUOTE: Final = r"[\"\u201c\u2018'](?P<quoted>[^\"\u201d\u201c]+?)[\"\u201d\u2019'](?=\W|$)"
_EXACT: Final = re.compile(
    r"\b(?:say|reply|respond|answer|output|write|repeat)\b(?: \w+){0,3}? ?(?:exactly|only|just|verbatim|nothing but"
    r"|word for word)(?: \w+){0,3}?"
    rf"(?: ?[:,]| with| the words?| the phrase| the text| the sentence| this)*\s*{_QUOTE}"
    rf"|\b(?:say|reply|respond|answer)(?: \w+){{0,2}}? ?: ?{_QUOTE.replace('quoted', 'colon')}",
    re.IGNORECASE,
)
_EXACT_PLAIN: Final = re.compile(
    r"\b(?:say|reply|respond|answer|repeat)(?: to \w+(?: \w+)?)? (?:(?:exactly|verbatim|word for word|only"
    r"|just)(?: with)?(?: this| the following)?\s*:|exactly(?! (?:what|how|when|where|why|who|as|one|the)\b)"
    r"|(?:only|just)(?: with)? the (?:words?|phrase|sentence)|with (?:exactly|only|just) the (?:words?|phrase"
    r"|sentence)|with exactly|(?:only|just) with the words?)"
    r"\s*:?\s+(?P<words>[^\n]{1,400})",
    re.IGNORECASE,
)
_FORBIDDEN: Final = re.compile(r"\b(?:never|don'?t|do not|not)(?: \w+)?\s*$", re.IGNORECASE)
_AND_NOTHING: Final = re.compile(
    r"[,.]?\s+(?:and|with) (?:nothing|no (?:other|more)|say nothing|do not)\b.*$|\s+(?:to|in reply to"
    r"|whatever) (?:every|each|all|anything|the user|me)\b.*$",
    re.IGNORECASE,
)
_GREETING: Final = re.compile(
    rf"\b(?:greet|start|begin|open|first say|your greeting is|first message)\b[^.\n\"\u201c]{{0,60}}?(?:with|saying"
    rf"|say|is|:)?[:,]?\s*{_QUOTE}",
    re.IGNORECASE,
)
_ADVICE: Final = re.compile(
    r"^(?:you|your|be|being|always|never|do|don'?t|ask|use|keep|if|when|whenever|please|speak|act|respond|reply|say"
    r"|answer|avoid|try|make|greet|start|begin|end|close|talk|tell|stay|remember|introduce|book|offer|collect|find"
    r"|qualify|call|the (?:user|caller|customer|prospect)|only|after|before|once|let|i|company|agent)\b",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?]?")


_WHOLE_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
"""Names with a dot are one word."""

_PRICE: Final = "How much does it cost? What is the price?"
_WHAT_IT_IS: Final = "What does it do? What do you do? What do you sell? What is it?"


@lru_cache(maxsize=64)
def read_persona(instructions: str) -> Persona:
    """What the instructions say plainly; what they do not say stays at its default."""
    if (profile := read_profile(instructions)) is not None:
        return _of_profile(*profile)
    text = instructions[:MAX_INSTRUCTION_CHARS]
    if not text.strip():
        return Persona()
    agent = _AGENT_FIELD.search(text) or _NAME.search(text)
    greeting = _GREETING.search(text)
    return Persona(
        agent=agent[1] if agent else DEFAULT_AGENT,
        company=_company(text, agent[1] if agent else None),
        exact=_exact(text),
        greeting=greeting["quoted"].strip() if greeting else None,
        facts=_facts(text),
    )


def _of_profile(facts: ProfileFacts, rest: str) -> Persona:
    """``rest``: what stands behind it. A door that says there how to open goes before the profile's own greeting."""
    opening = _GREETING.search(rest)
    return Persona(
        agent=facts.name or DEFAULT_AGENT,
        company=facts.company or None,
        exact=_exact(rest),
        greeting=opening["quoted"].strip() if opening else facts.greeting or None,
        facts=_about(facts.about),
    )


def _about(text: str) -> KnowledgeIndex | None:
    """Every sentence is a fact, and the first ones say what it is all about."""
    lines = [line.lstrip("-*# ") for line in text.splitlines()]
    sentences = [
        " ".join(sentence.split())
        for line in lines
        for sentence in _WHOLE_SENTENCE.split(line)
        if sentence.strip().count(" ") >= MIN_FACT_WORDS - 1
    ]
    if not sentences:
        return None
    first = Section(_WHAT_IT_IS, " ".join(sentences[:2]))
    return KnowledgeIndex("", [first, *(Section(_asked_by(sentence), sentence) for sentence in sentences)])


def _asked_by(sentence: str) -> str:
    """How people ask for what a sentence says."""
    return f"{_PRICE} {sentence}" if find_money(sentence) is not None else sentence


def _company(text: str, agent: str | None) -> str | None:
    for pattern in (_FIELD, _EMPLOYER, _SELLS):
        match = pattern.search(text)
        if match is not None:
            name = match[1].strip().rstrip(".,;:").removesuffix("'s").removesuffix("\u2019s")
            if (
                name
                and name != agent
                and name.split()[0] not in ("You", "We", "It", "This", "The", "English", "Our", "They", "AI")
            ):
                return name
    return None


def _exact(text: str) -> str | None:
    match = _EXACT.search(text)
    if match is not None and not _FORBIDDEN.search(text[: match.start()]):
        return (match["quoted"] or match["colon"]).strip()
    match = _EXACT_PLAIN.search(text)
    if match is None or _FORBIDDEN.search(text[: match.start()]):
        return None
    words = _AND_NOTHING.sub("", match["words"]).strip().strip("\"'\u201c\u201d")
    return (
        words.removesuffix(".").strip()
        if words.count(".") <= 1 and words.endswith(".") and words.count(" ") < 3
        else words or None
    )


def _facts(text: str) -> KnowledgeIndex | None:
    """The sentences that state something, rather than tell the agent what to do."""
    sentences: list[str] = [" ".join(sentence.split()).lstrip("-*# ") for sentence in _SENTENCE.findall(text)]
    facts = [
        sentence
        for sentence in sentences
        if sentence.count(" ") >= MIN_FACT_WORDS - 1 and sentence[0].isupper() and not _ADVICE.match(sentence)
    ]
    return KnowledgeIndex("", [Section(fact, fact) for fact in facts]) if facts else None
