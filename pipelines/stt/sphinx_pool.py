"""Which utterance is decoded by which helper."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from pipelines.engines.pocketsphinx_messages import SphinxReply
from pipelines.engines.supervisor import Supervisor

Engine = Supervisor[SphinxReply]


class Lessee(Protocol):
    """An utterance that waits for a decoder."""

    def start(self, engine: Engine) -> None: ...


class SphinxPool:
    """Hands out decoders, ``decoders_per_helper`` at most of each helper, in the order they were asked for.

    Only helpers that are ready are chosen, of those the least busy; while none is, utterances wait.
    """

    def __init__(self, decoders_per_helper: int) -> None:
        self._decoders_per_helper = decoders_per_helper
        self._busy: dict[Engine, int] = {}
        self._waiting: deque[Lessee] = deque()

    def add(self, engines: Sequence[Engine]) -> None:
        self._busy.update((engine, 0) for engine in engines)

    @property
    def engines(self) -> tuple[Engine, ...]:
        return tuple(self._busy)

    def lease(self, utterance: Lessee) -> None:
        """Start the utterance now, or as soon as a decoder is free."""
        self._waiting.append(utterance)
        self.hand_out()

    def give_back(self, utterance: Lessee, engine: Engine | None) -> None:
        """The utterance needs its decoder, or its place in the queue, no more."""
        if engine is not None:
            self._busy[engine] -= 1
            self.hand_out()
        elif utterance in self._waiting:
            self._waiting.remove(utterance)

    def hand_out(self) -> None:
        """Start what waits, as far as there are decoders: also to be called when a helper gets ready."""
        while self._waiting:
            engine = min((engine for engine in self._busy if engine.healthy), key=self._busy.__getitem__, default=None)
            if engine is None or self._busy[engine] >= self._decoders_per_helper:
                return
            self._busy[engine] += 1
            self._waiting.popleft().start(engine)
