"""The first words of a conversation where they are prescribed: said as they stand, at once, and by no model's leave.

A profile's greeting is its team's own; a call that we make opens with what the law wants to be said.
"""

import re
from collections.abc import AsyncIterator
from typing import Final

from pipelines.agent_profile import read_profile
from pipelines.llm.port import ChatRequest, Completed, LanguageModel, LlmEvent, Serving, TextDelta
from pipelines.playbook.persona import read_persona

ON_THE_PHONE: Final = "This is a telephone call"
"""Begins what an agent is told whose caller has a telephone number, which it may be called back on."""

OUR_CALL: Final = "You made this call yourself: they did not call you."
"""Begins what an agent is told that calls somebody; the words to open with follow in quotation marks."""

_OPENS: Final = re.compile(rf'{re.escape(OUR_CALL)}.*? Open with "([^"]+)"', re.DOTALL)
_PIECE: Final = re.compile(r"\S+\s*")


class OpeningWords:
    """Implements ``LanguageModel`` over the one that says everything else."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def healthy(self) -> bool:
        return bool(getattr(self._model, "healthy", True))

    def stream(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        words = opening_words(request)
        return self._model.stream(request) if words is None else _saying(words)

    async def aclose(self) -> None:
        await self._model.aclose()


def opening_words(request: ChatRequest) -> str | None:
    """None: something was said already, a tool or a form is asked for, or the words are the model's own."""
    if any(message.role != "system" for message in request.messages):
        return None
    if request.response_schema is not None or request.tool_choice not in ("auto", "none"):
        return None
    told = "\n".join(message.content for message in request.messages)
    if (opens := _OPENS.search(told)) is not None:
        return opens[1]
    return read_persona(told).greeting if read_profile(told) is not None else None


async def _saying(words: str) -> AsyncIterator[LlmEvent]:
    yield Serving("playbook", "first words")
    for piece in _PIECE.findall(words):
        yield TextDelta(piece)
    yield Completed("stop")
