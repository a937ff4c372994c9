"""Thoughts that a server leaves in the text of a reply: a model behind vLLM or Ollama writes ``<think>...</think>`` in
front of it where nobody told the server to part them. They are for nobody's ear."""

from typing import Final

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"


class Thoughts:
    """Of one reply. ``heard``: the next piece of it in, what is to be heard out."""

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._over = False

    def heard(self, text: str) -> str:
        if self._over:
            return text
        self._held += text
        if not self._thinking:
            begun = self._held.lstrip()
            if begun.startswith(_OPEN):
                self._thinking = True
            elif _OPEN.startswith(begun):  # it may become one
                return ""
            else:
                return self.rest()
        _, closed, answer = self._held.partition(_CLOSE)
        if not closed:
            self._held = self._held[-len(_CLOSE) :]
            return ""
        self._held = answer.lstrip()
        if not self._held:
            self._held = _CLOSE  # the answer begins with a later piece
            return ""
        self._thinking = False
        return self.rest()

    def rest(self) -> str:
        """What is held back, when nothing more is to come: a reply of "<" is one. Thoughts that never end are none."""
        held, self._held, self._over = ("" if self._thinking else self._held), "", True
        return held
