"""How many meetings may lie ahead that people booked in conversations, where nobody else looks on. Pure."""

from typing import Final

from msgspec import Struct

SHARING: Final = 3
"""So many people share an address on the network, as one may think."""


class Bounds(Struct, frozen=True, kw_only=True):
    """``each``: of one person · ``strangers``: of all together whom neither a number nor a key tells."""

    each: int = 3
    strangers: int = 40


class Held(Struct, frozen=True, kw_only=True):
    """Meetings ahead. ``theirs``: by what tells one person, the lead, the e-mail address, the number or the
    conversation, whichever has most · ``visitors``: of pages' visitors from the same place · ``strangers``: of all whom
    nothing tells; None: this one is none of them."""

    theirs: int = 0
    visitors: int = 0
    strangers: int | None = None


def is_full(held: Held, bounds: Bounds) -> bool:
    """Whether no further one is taken."""
    if held.theirs >= bounds.each or held.visitors >= SHARING * bounds.each:
        return True
    return held.strangers is not None and held.strangers >= bounds.strangers
