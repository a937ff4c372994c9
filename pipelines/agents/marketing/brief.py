"""What a message to a lead is written from. Pure."""

from typing import Any, Final

from msgspec import Struct

from pipelines.language.tags import ENGLISH


class Sender(Struct, frozen=True):
    """Who writes; empty: not named. ``about``: what they sell, and what one should know · ``agent``: the profile's
    slug · ``language``: in which their messages are written."""

    name: str = ""
    company: str = ""
    about: str = ""
    agent: str = ""
    language: str = ENGLISH


class Brief(Struct, frozen=True):
    """``goal``: as the operator says it. ``follow_up``: 0 is a first message. ``line``: a sentence of our knowledge.
    ``posted``: one on what they said in public lately."""

    goal: str = ""
    follow_up: int = 0
    line: str = ""
    posted: str = ""


NO_BRIEF: Final = Brief()


def in_line(value: Any, chars: int = 120) -> str:
    """A fact as part of a sentence: one line, without its end, cut after a whole word."""
    text = " ".join(str(value or "").split()).rstrip(".!")
    return text if len(text) <= chars else text[:chars].rsplit(" ", 1)[0]
