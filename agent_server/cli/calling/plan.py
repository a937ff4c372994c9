"""What a caller means to do in a call, and what came of it."""

from typing import Literal

from msgspec import Struct

Modality = Literal["audio", "text"]
Eagerness = Literal["low", "medium", "high", "auto"]


class Typed(Struct, frozen=True):
    """A line that is typed."""

    text: str


class Spoken(Struct, frozen=True):
    """A recording that is spoken: 24 kHz PCM. ``name`` is what reports call it."""

    name: str
    pcm: bytes


Turn = Typed | Spoken


class Plan(Struct, frozen=True):
    """One call. ``live``: a person speaks after the turns given, until they hang up."""

    turns: tuple[Turn, ...] = ()
    greet: bool = False
    live: bool = False
    modality: Modality = "audio"
    voice: str | None = None
    instructions: str | None = None
    eagerness: Eagerness | None = None
    answer_timeout_ms: float = 30_000.0
    """Longest time without any progress from which on a turn counts as unanswered."""

    @property
    def has_line(self) -> bool:
        """Whether the caller's audio is sent at all."""
        return self.live or any(isinstance(turn, Spoken) for turn in self.turns)


class TurnReport(Struct, frozen=True):
    """How one turn went. ``name`` is the typed line, the file, or what else began the turn.

    ``latency_ms``: from the end of what the caller said (for typed turns, from sending) to the first audible sample
    at the caller's ear, for written replies to the first text. ``server_latency_ms`` is the server's own figure.
    ``failure`` is None for an answered turn, else a stable code, with ``message`` in words.
    """

    number: int
    kind: Literal["greeting", "typed", "spoken"]
    name: str
    latency_ms: float | None = None
    server_latency_ms: float | None = None
    failure: str | None = None
    message: str | None = None


class CallFailure(Struct, frozen=True):
    """Why a call ended early. ``code`` is stable."""

    code: str
    message: str
