"""Who comes next, and when. Pure: seeded, and time passed in."""

from collections.abc import Container, Iterator, Sequence
from random import Random
from typing import Final

from agent_server.cli.showing.cast import Visit

MOST_AT_ONCE: Final = 4
"""Conversations, so that a small machine still answers in time."""

_JITTER: Final = 0.3
_STRANGERS: Final = 0.5
"""Of those who come, where there are any."""


class Coming:
    """Everybody comes once before anybody comes again, each time in another order; who was there before never comes
    first. Between them ``strangers``, who never come again."""

    def __init__(
        self, visits: Sequence[Visit], *, every_s: float, seed: int, strangers: Iterator[Visit] | None = None
    ) -> None:
        self._visits = visits
        self._strangers = strangers
        self._every_s = every_s
        self._random = Random(seed)  # noqa: S311 - an order, no secret
        self._waiting: list[Visit] = []
        self._seen: set[str] = set()

    def next(self, busy: Container[str]) -> Visit | None:
        """``busy``: names of those who are talking. None: all who could come are."""
        if self._strangers is not None and self._random.random() < _STRANGERS:
            return next(self._strangers)
        if not self._waiting:
            self._waiting = self._random.sample(self._visits, len(self._visits))
        may = [visit for visit in self._waiting if visit.name not in busy]
        known = [visit for visit in may if not visit.again or visit.name in self._seen]
        chosen = next(iter(known or may), None)
        if chosen is not None:
            self._waiting.remove(chosen)
            self._seen.add(chosen.name)
        return chosen

    def was_here(self, name: str) -> None:
        self._seen.add(name)

    def pause_s(self) -> float:
        """Until the next one comes."""
        return self._every_s * self._random.uniform(1 - _JITTER, 1 + _JITTER)
