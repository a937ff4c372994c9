"""What a reply is made of before it has words, and what a decision depends on besides the conversation."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from pipelines.knowledge.port import Passage
from pipelines.playbook.persona import Persona

Effect = Literal[
    "book_meeting",
    "cancel_meeting",
    "opt_out",
    "request_erasure",
    "handoff_to_person",
    "search_knowledge",
    "update_lead",
]
"""A tool of the server, by name."""

Lookup = Callable[[str], Passage | None]
"""The knowledge's best answer to a question, or None when it has none."""


class Move(Struct, frozen=True):
    """A part of a reply: which of the wordings, and what to put into it."""

    kind: str
    values: dict[str, str] = {}


class Plan(Struct, frozen=True):
    """A reply: what to say first, what to ask then, which tools to call. ``verbatim`` is said as it stands, instead.

    ``query``: what to look up, for ``search_knowledge``.
    """

    moves: tuple[Move, ...] = ()
    question: Move | None = None
    effects: tuple[Effect, ...] = ()
    verbatim: str | None = None
    query: str | None = None


class Surroundings(Struct, frozen=True):
    """``effects``: which tools of the server are on offer and not yet called for this turn."""

    persona: Persona
    company: str | None
    lookup: Lookup
    no_prices: bool = False
    """They are a specialist's to name."""
    effects: frozenset[str] = frozenset()
    told_of_recording: bool = False
    """The caller did not want to be recorded, and has been told just now that they are not."""
    is_recorded: bool | None = None
    """Of the call's sound; None: the caller does not ask."""

    @property
    def names(self) -> dict[str, str]:
        return {"agent": self.persona.agent, "company": self.company or ""}
