"""What a carrier says to callers for whom there is no agent, whichever carrier it is, and in which of its voices."""

from typing import Final

from pipelines.language.tags import primary, tidy
from pipelines.language.words import WORDS

BUSY = "I am sorry, all our lines are busy. Please call again in a few minutes."
NOT_NOW = "I am sorry, this is an automated call that cannot go on just now. Goodbye."
NOBODY_FREE = "I am sorry, nobody is free right now. A colleague will call you back."
BROKEN = "I am sorry, something went wrong on our side. Please call again."

_VOICES: Final = {"de": "de-DE", "es": "es-ES", "fr": "fr-FR", "it": "it-IT", "nl": "nl-NL", "pt": "pt-PT"}
_OTHERS: Final = frozenset({"es-MX", "fr-CA", "pt-BR"})


def voice_tag(language: str) -> str:
    """Of the voice that both carriers have for what is ``said`` in an agent's language."""
    code = primary(language)
    if code not in WORDS:
        return "en-US"
    return tidy(language) if tidy(language) in _OTHERS else _VOICES[code]
