"""What a caller decides is to be done; ``call`` carries it out, in order."""

from msgspec import Struct

from agent_server.cli.calling.plan import CallFailure, Turn, TurnReport
from agent_server.cli.calling.replies import Event


class Send(Struct, frozen=True):
    """This event goes to the server."""

    event: Event


class Heard(Struct, frozen=True):
    """The sound at the caller's ear since the last such action, without gaps."""

    pcm: bytes


class TurnBegan(Struct, frozen=True):
    """The caller takes its turn."""

    turn: Turn


class TurnEnded(Struct, frozen=True):
    """The turn was answered, or will not be."""

    report: TurnReport


class CallEnded(Struct, frozen=True):
    """Nothing more follows. ``failure`` is None when the plan was carried out."""

    failure: CallFailure | None


Action = Send | Heard | TurnBegan | TurnEnded | CallEnded
