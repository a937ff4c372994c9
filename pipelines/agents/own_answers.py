"""What answers to the operator's own questions tell of need, team, budget, authority and date, where one asks for that.
Pure."""

import re
from typing import Any, Final

from msgspec import structs

from pipelines.agents.lead import LeadFacts
from pipelines.intent.classifier import plain_words
from pipelines.intent.expectation import expected_answer
from pipelines.playbook import qualification as read
from pipelines.playbook.need import find_need

_DAY: Final = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b\d{1,2}(?:st|nd|rd|th)\b")


def with_answers(lead: LeadFacts) -> LeadFacts:
    """The lead with what its answers tell, where it has no such fact of its own; ``NO_BUDGET`` of the playbook when
    there is said to be none."""
    told: dict[str, Any] = {}
    for question, words in lead.answers.items():
        name = expected_answer(question)
        if name in ("need", "team_size", "budget", "authority", "timing") and getattr(lead, name) in (None, ""):
            told.setdefault(name, _told(name, words))
    return structs.replace(lead, **{name: value for name, value in told.items() if value is not None})


def _told(name: str, words: str) -> Any:
    """None: the words do not say."""
    plain = plain_words(words)
    match name:
        case "need":
            return words if find_need(words, plain, asked=True) else None
        case "team_size":
            return read.team_size(words, plain, asked=True)
        case "budget":
            return read.budget(words, plain, asked=True, asks="?" in words)
        case "authority":
            return read.authority(plain, asked=True)
        case _:
            return read.timing(plain, asked=True) or (words if _DAY.search(plain) else None)
