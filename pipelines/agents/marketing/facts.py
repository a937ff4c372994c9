"""What may be claimed to a lead: facts of it, and of our knowledge. Pure."""

import re
from typing import Any, Final

from pipelines.agents.claims import LINK
from pipelines.knowledge.port import Knowledge

PASSAGES: Final = 3
MAX_PASSAGE_CHARS: Final = 500
MAX_FACT_CHARS: Final = 1500
"""Of a lead's notes, say: every step reads them, and is paid for it."""

MAX_LINE_CHARS: Final = 220
_PARTS: Final = re.compile(r"\b(?:about|on|of|for|with|to|that)\b", re.IGNORECASE)
"""What a goal is about stands after one of these."""

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s")
_YES: Final = re.compile(r"yes[.,!:]\s*", re.IGNORECASE)
_NO: Final = re.compile(r"no[.,!:]", re.IGNORECASE)
_OF_THEIRS: Final = frozenset({"company_website", "contact_email", "linkedin_url"})


def facts_of_lead(lead: dict[str, Any]) -> list[str]:
    """Without the links and addresses of what anybody may have written or said: those are no place to send people."""
    told = {name: value for name, value in lead.items() if name != "answers"} | lead.get("answers", {})
    facts = (f"{name}: {value if name in _OF_THEIRS else LINK.sub('', str(value))}" for name, value in told.items())
    return [fact[:MAX_FACT_CHARS] for fact in facts]


def product_facts(knowledge: Knowledge | None, lead: dict[str, Any], goal: str = "", *, about: str = "") -> list[str]:
    """What is said of us, then what our knowledge says to the goal, and to the lead's need and industry."""
    told = [about[:MAX_PASSAGE_CHARS]] if about else []
    if knowledge is None:
        return told
    queries = [goal, lead.get("need"), lead.get("notes"), lead.get("industry"), "What does it do?"]
    found: dict[str, str] = {}
    for query in queries:
        for passage in knowledge.search(str(query)[:500], PASSAGES) if query else []:
            found.setdefault(passage.title, passage.text[:MAX_PASSAGE_CHARS])
    return [*told, *found.values()][:PASSAGES]


def product_line(knowledge: Knowledge | None, lead: dict[str, Any], goal: str, *, about: str = "") -> str:
    """One sentence of what our knowledge says to the goal, else to the need, else the first that is said of us; ""
    where there is none. Nobody is written to of a made-up product."""
    first = _first_sentence(about)
    if knowledge is None or knowledge.is_example:
        return first
    parts = [part.strip(" .!?") for part in _PARTS.split(goal)]
    for query in filter(None, (*parts, lead.get("need"))):
        for passage in knowledge.search(str(query)[:500], 1):
            if sentence := _first_sentence(passage.text):
                return sentence
    return first


def _first_sentence(text: str) -> str:
    """Without the "yes" that answers a question the reader did not ask. Empty: it is too long for a line, or
    says what there is not."""
    said = _YES.sub("", " ".join(text.split()))
    sentence = "" if _NO.match(said) else _SENTENCE_END.split(said[:1].upper() + said[1:], maxsplit=1)[0]
    return sentence if len(sentence) <= MAX_LINE_CHARS else ""
