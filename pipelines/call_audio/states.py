"""What becomes of a recording while its call lasts: which state may follow which, and what clients are told. Pure.

What each state asks for is done in one place: ``agent_server/call_audio/writing.py``.
"""

from collections.abc import Mapping, Set
from typing import Final, Literal

State = Literal["waiting", "on", "full", "over", "refused", "deleted", "failed"]
"""waiting: nothing was to be recorded yet · on: sound is kept · full: it is as long as one may be, and the call goes on
· over: the call has ended, and what there is is to be encoded · refused: the caller wants none · deleted: by somebody
else · failed: the disk does not take it."""

Told = Literal["on", "off", "deleted", "failed"]

BECOMES: Final[Mapping[State, Set[State]]] = {
    "waiting": {"on", "over", "refused", "deleted"},
    "on": {"full", "over", "refused", "deleted", "failed"},
    "full": {"over", "refused", "deleted"},
    "over": {"deleted"},
    "refused": set(),
    "deleted": set(),
    "failed": set(),
}

TELLS: Final[Mapping[State, Told]] = {
    "on": "on",
    "full": "off",
    "refused": "deleted",
    "deleted": "deleted",
    "failed": "failed",
}
