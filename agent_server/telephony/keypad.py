"""What a caller presses on the telephone, as words. Pure."""

from pipelines.language.words import said
from pipelines.playbook.elsewhere import PERSON_WANTED

PAUSE_MS = 1500.0
"""So long after a key no further one belongs to it."""

MOST_DIGITS = 32
OPERATOR = PERSON_WANTED
"""What 0 alone means on telephones."""


class Keypad:
    """Gathers keys until a pause, or ``#``."""

    def __init__(self, language: str = "en") -> None:
        """``language``: what is talked."""
        self._language = language
        self._digits = ""
        self._last_ms = 0.0
        self._is_complete = False

    def press(self, key: str, now_ms: float) -> None:
        self._last_ms = now_ms
        if key == "#":
            self._is_complete = bool(self._digits)
        elif key.isdecimal() and len(key) == 1 and len(self._digits) < MOST_DIGITS:
            self._digits += key

    def said(self, now_ms: float) -> str | None:
        """What the caller said by it, once; None: nothing, or they are still at it."""
        if not self._digits or not (self._is_complete or now_ms >= self._last_ms + PAUSE_MS):
            return None
        digits, self._digits, self._is_complete = self._digits, "", False
        return said(OPERATOR, self._language) if digits == "0" else digits
