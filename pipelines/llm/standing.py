"""Whether a model can be counted on, by how its last requests went."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.llm.port import LlmError

FAILURES = 3
"""In a row: one failed request is weather."""

_OURS = frozenset({"llm_bad_request", "llm_too_large"})
"""Faults of a single request, which say nothing of the provider."""


class Standing:
    """Counts failures in a row."""

    def __init__(self) -> None:
        self._failures = 0

    @property
    def healthy(self) -> bool:
        return self._failures < FAILURES

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Around one request. One that was given up tells nothing."""
        try:
            yield
        except LlmError as error:
            if error.code not in _OURS:
                self._failures += 1
            raise
        else:
            self._failures = 0
