"""When the agent's side of a telephone call hangs up. Pure.

A browser tab is closed by its visitor; a telephone line that nobody ends stays open, and costs. The agent ends the call
when it has said good-bye, all of it was heard, and the caller leaves it at that; it puts the caller through to a
colleague as soon as it has said so.
"""

import re
from typing import Literal

from pipelines.language.words import says_farewell

LEFT_AT_THAT_MS = 2500.0
"""Silence after the good-bye in which a caller may think of one more thing."""

PUT_THROUGH_MS = 1000.0
"""The agent says that it puts the caller through once the tool has answered: so long that may take to begin."""

Next = Literal["hang_up", "transfer"]

_FAREWELL = re.compile(
    r"\b(?:good ?-?bye|bye(?: bye)?|take care(?! of (?!your))|see you|(?:talk|speak) (?:to you )?(?:soon|then|later)"
    r"|have a (?:\w+ )?(?:day|one|evening|afternoon|weekend|night))(?:,? \w+){0,4}[.!]*\s*$",
    re.IGNORECASE,
)
"""With a name or a day behind it."""

_LAST_SENTENCE = re.compile(r"[^.!?\u3002]+[.!?\u3002]*\s*$")


def is_farewell(text: str) -> bool:
    """Whether a reply ends with a good-bye; one that ends with a question does not."""
    last = _LAST_SENTENCE.search(text)
    return last is not None and (_FAREWELL.search(last[0]) is not None or says_farewell(last[0]))


class HangingUp:
    """Follows one call. ``can_transfer``: there is a colleague's number."""

    def __init__(self, *, can_transfer: bool) -> None:
        self._can_transfer = can_transfer
        self._is_taken_over = False
        self._next: Next | None = None
        self._quiet_since_ms: float | None = None

    def agent_said(self, text: str) -> None:
        """All of one reply."""
        if self._next != "transfer":
            self._next = "hang_up" if is_farewell(text) else None

    def handed_over(self) -> None:
        """A person is to take the call."""
        if self._can_transfer and not self._is_taken_over:
            self._next = "transfer"

    def caller_spoke(self) -> None:
        """Who says something more has not left it at the good-bye; who is being put through is, whatever they say."""
        if self._next == "hang_up":
            self._next = None

    def operator_changed(self, *, present: bool) -> None:
        """A person speaks in the agent's place, or gives it back: they have more to say, and no other is looked for
        meanwhile."""
        self._is_taken_over = present
        self._next = None

    def due(self, now_ms: float, *, quiet: bool) -> Next | None:
        """What to do now. ``quiet``: nobody speaks, nothing is being played or prepared."""
        if not quiet or self._next is None:
            self._quiet_since_ms = None
            return None
        if self._quiet_since_ms is None:
            self._quiet_since_ms = now_ms
        wait_ms = PUT_THROUGH_MS if self._next == "transfer" else LEFT_AT_THAT_MS
        return self._next if now_ms - self._quiet_since_ms >= wait_ms else None
