"""What the agent says first to somebody it calls, and what a voicemail is told. Pure.

Who calls, for whom, that it is an assistant, why, and that it need not happen again: an artificial voice has to say so
at the beginning (47 CFR 64.1200(b)).
"""

import re
from typing import Final

from pipelines.language.words import said
from pipelines.person_name import addressed
from pipelines.playbook.calling import REASON
from pipelines.playbook.extract.phones import spoken_phone
from pipelines.playbook.opening_words import OUR_CALL
from pipelines.playbook.persona import DEFAULT_AGENT

_UNFIT: Final = re.compile(r"[\"\u201c\u201d\n\r\t.!?:;<>{}\[\]]+")
_MOST_CHARS: Final = 80
MOST_PURPOSE_CHARS: Final = 200


def greeting(agent: str, company: str, *, name: str | None, purpose: str | None, language: str = "en") -> str:
    """One that a person can answer."""
    first, who = _plain(addressed(name), _MOST_CHARS), _who(agent, company, language)
    hello = said("Hello {first}, this is {who}." if first else "Hello, this is {who}.", language)
    parts = (
        hello.format(first=first, who=who),
        _about("I'm calling about {purpose}.", purpose, language),
        said("If you want no more calls, just say so. Do you have a moment?", language),
    )
    return " ".join(filter(None, parts))


def instructions(opening: str, *, purpose: str | None) -> str:
    """For models, after the operator's own; the opening is taken out of it and said as it stands."""
    about = f" {REASON}{_plain(purpose, MOST_PURPOSE_CHARS)}." if purpose else ""
    respecting = "When they want no more calls, or this is no good time, respect it at once."
    return f'{OUR_CALL}{about} Open with "{opening}" {respecting}'


def message(agent: str, company: str, number: str, *, purpose: str | None, language: str = "en") -> str:
    """For a voicemail. ``number``: by which they reach the agent, who understands that they want no more (47 CFR
    64.1200(b)(2) and (3))."""
    missed = said("I'm sorry I missed you. You can call us back at {number}.", language)
    parts = (
        said("Hello, this is {who}.", language).format(who=_who(agent, company, language)),
        _about("I was calling about {purpose}.", purpose, language),
        missed.format(number=_digit_by_digit(number).replace("+", said("plus", language))),
        said("If you want no more calls, just say so there. Goodbye.", language),
    )
    return " ".join(filter(None, parts))


def _about(phrase: str, purpose: str | None, language: str) -> str:
    return said(phrase, language).format(purpose=_plain(purpose, MOST_PURPOSE_CHARS)) if purpose else ""


def _digit_by_digit(number: str) -> str:
    """Carriers' voices would read groups of digits as hundreds."""
    return ", ".join(" ".join(group) for group in spoken_phone(number).split())


def _who(agent: str, company: str, language: str) -> str:
    name = _plain(agent, _MOST_CHARS) or DEFAULT_AGENT
    firm = _plain(company, _MOST_CHARS)
    known = "{name}, the AI assistant at {company}" if firm else "{name}, an AI assistant on the sales team"
    return said(known, language).format(name=name, company=firm)


def _plain(text: str, chars: int) -> str:
    """Without what ends a quotation or a sentence."""
    return " ".join(_UNFIT.sub(" ", text).split())[:chars].strip()
