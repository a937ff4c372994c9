"""Who the agent is, as its instructions say it: models read them as they stand, the playbook reads out of them again.

The text has sections under headings, and none of the operator's own lines can be taken for a heading. How the agent
talks comes last, so that what a door adds at the end (that this is a telephone call) stands there too.
"""

import json
import re
from functools import lru_cache
from typing import Final

from storage.agents.profiles import ProfileFacts, ProfileQuestion

_WHO: Final = "## Who you are"
_FIRST: Final = "## What you say first, in these very words"
_ABOUT: Final = "## About us"
_RULES: Final = "## Rules, which go before everything else that is said here"
_QUESTIONS: Final = "## What you find out"
_MANNER: Final = "## How you talk"
_HEADINGS: Final = (_WHO, _FIRST, _ABOUT, _RULES, _QUESTIONS, _MANNER)

_ASKING: Final = (
    "Once you know what they need, ask these questions, in this order and in these words, one at a time, before others"
    " of your own; ask none that is answered already. Keep each answer with update_lead: in `answers`, under its key,"
    " in their words."
)
_NOTHING_ELSE: Final = (
    "Beside that ask nothing to qualify them: not how large their team is, for their budget, or who decides."
)
_NAME: Final = "Your name is "
_COMPANY: Final = "You speak for "
_ONE_OF: Final = " One of: "
_QUESTION: Final = re.compile(r"\d+\. (?P<key>[a-z0-9_]+): (?P<question>.+?)(?: One of: (?P<choices>\[.+\]))?")


def instructions_of(facts: ProfileFacts, manner: str) -> str:
    """``manner``: how it talks, whoever it is."""
    sections = {
        _WHO: [*_sentence(_NAME, facts.name), *_sentence(_COMPANY, facts.company)],
        _FIRST: [_line(facts.greeting)] if facts.greeting else [],
        _ABOUT: _lines(facts.about),
        _RULES: [f"- {_line(rule)}" for rule in facts.rules],
        _QUESTIONS: [
            *([_ASKING] if facts.questions else []),
            *map(_numbered, range(1, 1 + len(facts.questions)), facts.questions),
            *([] if facts.qualifies else [_NOTHING_ELSE]),
        ],
        _MANNER: [manner],
    }
    return "\n\n".join("\n".join([heading, *lines]) for heading, lines in sections.items() if lines)


@lru_cache(maxsize=64)
def read_profile(instructions: str) -> tuple[ProfileFacts, str] | None:
    """What instructions say of who the agent is, as far as the playbook heeds it, and what stands at their end. None:
    no profile made them."""
    if not instructions.startswith((_WHO, _FIRST, _ABOUT, _RULES, _QUESTIONS, _MANNER)):
        return None
    sections: dict[str, list[str]] = {}
    heading = ""
    for line in instructions.split("\n"):
        if line in _HEADINGS and heading != _MANNER:
            heading = line
            sections[heading] = []
        else:
            sections.setdefault(heading, []).append(line)
    who = sections.get(_WHO, [])
    matches = map(_QUESTION.fullmatch, sections.get(_QUESTIONS, []))
    facts = ProfileFacts(
        name=_told(who, _NAME),
        company=_told(who, _COMPANY),
        greeting="\n".join(sections.get(_FIRST, [])).strip(),
        about="\n".join(sections.get(_ABOUT, [])).strip(),
        questions=tuple(map(_question, filter(None, matches))),
        qualifies=_NOTHING_ELSE not in sections.get(_QUESTIONS, []),
    )
    return facts, "\n".join(sections.get(_MANNER, []))


def asked_keys(instructions: str) -> frozenset[str]:
    """Of the questions that instructions have asked."""
    profile = read_profile(instructions)
    return frozenset(one.key for one in profile[0].questions) if profile is not None else frozenset()


def asks_to_qualify(instructions: str) -> bool:
    """Whether more is to be found out than the questions that instructions have asked."""
    profile = read_profile(instructions)
    return profile is None or profile[0].qualifies


def _sentence(beginning: str, name: str) -> list[str]:
    return [f"{beginning}{_line(name)}."] if name else []


def _told(lines: list[str], beginning: str) -> str:
    return next((line[len(beginning) : -1] for line in lines if line.startswith(beginning)), "")


def _line(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str) -> list[str]:
    """Of a text of several; none begins as a heading does."""
    return [line.rstrip().removeprefix("## ") for line in text.strip().splitlines()] if text.strip() else []


def _numbered(number: int, question: ProfileQuestion) -> str:
    choices = _ONE_OF + json.dumps(question.choices, ensure_ascii=False) if question.choices else ""
    return f"{number}. {question.key}: {_line(question.question)}{choices}"


def _question(found: re.Match[str]) -> ProfileQuestion:
    try:
        choices = tuple(map(str, json.loads(found["choices"] or "[]")))
    except ValueError:  # the question itself says so
        return ProfileQuestion(found["key"], found[0].partition(": ")[2])
    return ProfileQuestion(found["key"], found["question"], choices)
