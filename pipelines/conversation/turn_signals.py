"""What ``turn_taking`` tells of the caller: that a sound began, was nothing, took the floor, paused, went on, ended."""

from msgspec import Struct

from pipelines.conversation.caller_turn import CallerTurn


class Suspected(Struct, frozen=True):
    """A sound began while the agent has the floor: hold the reply, recognise from ``from_ms``."""

    utterance: int
    from_ms: float


class FalseAlarm(Struct, frozen=True):
    """It was nothing: let the reply go on."""

    utterance: int


class Begun(Struct, frozen=True):
    """A sound began with the floor free: recognise from ``from_ms``."""

    utterance: int
    from_ms: float


class Started(Struct, frozen=True):
    """The caller has the floor."""

    turn: CallerTurn
    audio_start_ms: float


class Dismissed(Struct, frozen=True):
    """A sound was noise, never announced."""

    utterance: int


class Settle(Struct, frozen=True):
    """A pause: ask for the final text of this utterance."""

    utterance: int


class Resumed(Struct, frozen=True):
    """The caller went on after a pause: recognise from ``from_ms`` as a further utterance of the same turn."""

    utterance: int
    from_ms: float


class Ended(Struct, frozen=True):
    """The turn is over. Its text is complete if ``open_utterance`` is None."""

    turn: CallerTurn
    open_utterance: int | None


Signal = Suspected | FalseAlarm | Begun | Started | Dismissed | Settle | Resumed | Ended
