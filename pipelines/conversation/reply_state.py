"""What becomes of a reply: which state may follow which, and what each does with what comes. Pure.

======================  ==================  ==================  =======================
what comes              GUESSED             SENDING             HELD
======================  ==================  ==================  =======================
words, audio            are kept            go out as due       are kept
a call of a client      is kept             is told             is told
own tools               wait                run                 run
a filler                --                  is said when due    waits
``commit``              SENDING, or HELD
``hold``                                    HELD
``release``                                                     SENDING
all is said             stays               OVER                OVER, if all was sent
it fails, is dropped    OVER, no trace      OVER, told as cut   OVER, told as cut
======================  ==================  ==================  =======================

Models and voices work ahead in all of them, each wait with its deadline. In ``OVER`` nothing happens any more.
"""

from collections.abc import Mapping, Set
from enum import Enum
from typing import Final


class ReplyState(Enum):
    """GUESSED: begun in case the caller's turn is over; nobody knows of it · SENDING: it is wanted · HELD: it is
    wanted, and the caller may be interrupting · OVER: it has ended, or was discarded."""

    GUESSED = "guessed"
    SENDING = "sending"
    HELD = "held"
    OVER = "over"


BECOMES: Final[Mapping[ReplyState, Set[ReplyState]]] = {
    ReplyState.GUESSED: {ReplyState.SENDING, ReplyState.HELD, ReplyState.OVER},
    ReplyState.SENDING: {ReplyState.HELD, ReplyState.OVER},
    ReplyState.HELD: {ReplyState.SENDING, ReplyState.OVER},
    ReplyState.OVER: set(),
}

WANTED: Final = (ReplyState.SENDING, ReplyState.HELD)
"""The client knows of it. No set: an enum's hash is slow, and this is asked with every piece of audio."""
