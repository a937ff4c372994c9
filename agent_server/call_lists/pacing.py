"""When a call list may begin its next call. Pure.

Calls of a list are spread evenly: of 60 an hour one begins every minute. Those who call us go before: of the lines of a
process a quarter, and at least one, is never taken by a list.
"""

from datetime import datetime, timedelta
from typing import Final

from storage.calls.lists import RunningList

_HOUR: Final = timedelta(hours=1)
_LEFT_FREE: Final = 4
"""One line of so many."""

FEWEST_LINES: Final = 2
"""With which a list ever begins a call."""


def next_turn(running: RunningList, now: datetime) -> datetime:
    """Whether it has a line for it left aside."""
    turns = [now]
    if running.hold_until is not None:
        turns.append(running.hold_until)
    if running.called_at is not None and running.per_hour is not None:
        turns.append(running.called_at + _HOUR / running.per_hour)
    return max(turns)


def may_take_line(*, limit: int, active: int, awaited: int) -> bool:
    """``active``: conversations of this process · ``awaited``: calls that ring, of all processes, each of which it may
    have to talk."""
    left_free = max(1, -(-limit // _LEFT_FREE))
    return limit - active - awaited > left_free
