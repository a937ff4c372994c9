"""Recognisers and voices that keep failing callers are left alone for a while, in all calls of the process.

A conversation remembers its own failures; without this every new caller would wait once more for a provider that is
known to have stalled. There is no asking one without a caller: after each cool-down one call tries it.
"""

import logging
import time
from collections.abc import Callable

from storage.shared.circuit_breaker import BreakerSettings, BreakerState, admit, failed, succeeded

log = logging.getLogger(__name__)

SPEECH_BREAKER = BreakerSettings(
    failures_to_open=3, memory_s=1800.0, cool_down_s=60.0, cool_down_cap_s=960.0, probe_s=30.0
)
"""Three failures in a row, with nobody heard or answered between them, are not the callers'. Long memory: where few
call, they are far apart."""

_CLOSED = BreakerState()


class SpeechBreakers:
    """By provider's name. Every question is answered at once: live turns ask."""

    def __init__(
        self, settings: BreakerSettings = SPEECH_BREAKER, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._states: dict[str, BreakerState] = {}

    def is_closed(self, name: str) -> bool:
        return name not in self._states or not self._states[name].open_until

    def may_try(self, name: str) -> bool:
        """Also as the one that tries after a cool-down, who reports with ``worked`` or ``failed``."""
        if self.is_closed(name):
            return True
        self._states[name], wait_s = admit(self._settings, self._states[name], self._clock())
        return wait_s <= 0.0

    def worked(self, name: str) -> None:
        if name not in self._states:
            return
        state = succeeded(self._states[name], self._clock())
        if state == _CLOSED:
            if not self.is_closed(name):
                log.warning("%s works again", name)
            del self._states[name]

    def failed(self, name: str) -> None:
        now = self._clock()
        before = self._states.get(name, _CLOSED)
        state = self._states[name] = failed(self._settings, before, now)
        if state.openings > before.openings:
            log.warning("%s is left alone for %.0f s: it keeps failing callers", name, state.open_until - now)
