"""What the agent says first to somebody it calls, and what a voicemail is told. Pure.

Who calls, for whom, that it is an assistant, why, and that it need not happen again: an artificial voice has to say so
at the beginning (47 CFR 64.1200(b)).
"""

import re
from typing import Final

from pipelines.person_name import addressed
from pipelines.playbook.calling import REASON
from pipelines.playbook.extract.phones import spoken_phone
from pipelines.playbook.opening_words import OUR_CALL
from pipelines.playbook.persona import DEFAULT_AGENT

_UNFIT: Final = re.compile(r"[\"\u201c\u201d\n\r\t.!?:;<>{}\[\]]+")
_MOST_CHARS: Final = 80
MOST_PURPOSE_CHARS: Final = 200


def greeting(agent: str, company: str, *, name: str | None, purpose: str | None) -> str:
    """One that a person can answer."""
    hello = f"Hello {first}, this is" if (first := _plain(addressed(name), _MOST_CHARS)) else "Hello, this is"
    why = f" I'm calling about {_plain(purpose, MOST_PURPOSE_CHARS)}." if purpose else ""
    return f"{hello} {_who(agent, company)}.{why} If you want no more calls, just say so. Do you have a moment?"


def instructions(opening: str, *, purpose: str | None) -> str:
    """For models, after the operator's own; the opening is taken out of it and said as it stands."""
    about = f" {REASON}{_plain(purpose, MOST_PURPOSE_CHARS)}." if purpose else ""
    respecting = "When they want no more calls, or this is no good time, respect it at once."
    return f'{OUR_CALL}{about} Open with "{opening}" {respecting}'


def message(agent: str, company: str, number: str, *, purpose: str | None) -> str:
    """For a voicemail. ``number``: by which they reach the agent, who understands that they want no more (47 CFR
    64.1200(b)(2) and (3))."""
    why = f" I was calling about {_plain(purpose, MOST_PURPOSE_CHARS)}." if purpose else ""
    missed = f"I'm sorry I missed you. You can call us back at {_digit_by_digit(number)}."
    return (
        f"Hello, this is {_who(agent, company)}.{why} {missed} If you want no more calls, just say so there. Goodbye."
    )


def _digit_by_digit(number: str) -> str:
    """Carriers' voices would read groups of digits as hundreds."""
    return ", ".join(" ".join(group) for group in spoken_phone(number).split()).replace("+", "plus")


def _who(agent: str, company: str) -> str:
    name = _plain(agent, _MOST_CHARS) or DEFAULT_AGENT
    firm = _plain(company, _MOST_CHARS)
    return f"{name}, the AI assistant at {firm}" if firm else f"{name}, an AI assistant on the sales team"


def _plain(text: str, chars: int) -> str:
    """Without what ends a quotation or a sentence."""
    return " ".join(_UNFIT.sub(" ", text).split())[:chars].strip()
