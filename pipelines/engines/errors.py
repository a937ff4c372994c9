"""What can go wrong with a helper process."""

from typing import Literal

EngineErrorCode = Literal[
    "engine_start_failed",  # the helper never said that it is ready
    "engine_lost",  # it died, or was killed because it answered nothing any more; a new one is being started
    "engine_unavailable",  # it is being started again, or closed
    "engine_overloaded",  # it takes requests more slowly than they come
]


class EngineError(Exception):
    """A request did not reach its engine, or the engine died over it. ``retryable``: another attempt may work."""

    def __init__(self, code: EngineErrorCode, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.code: EngineErrorCode = code
        self.retryable = retryable
