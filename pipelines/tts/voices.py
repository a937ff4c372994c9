"""Names of voices, as clients of the OpenAI Realtime protocol use them, and what eSpeak NG makes of them. Pure."""

from pipelines.language.tags import is_english

DEFAULT_VOICE = "alloy"

VOICES: dict[str, str] = {
    "alloy": "en-us",
    "ash": "en-us+m6",
    "ballad": "en-gb-x-rp",
    "cedar": "en-us+adam",
    "coral": "en-us+f2",
    "echo": "en-us+m5",
    "marin": "en-us+f5",
    "sage": "en-us+f1",
    "shimmer": "en-us+anika",
    "verse": "en-us+m1",
}
"""Variants of the American and the British voice. Of the hundred there are, the ones a recogniser understands best: it
got 8 to 24 % of the words of sales sentences wrong, with many of the others more than half."""

_REGIONS = frozenset({"pt-br", "fr-be", "fr-ch"})
"""With voices of their own; America's Spanish has one for all its countries."""

_OTHER_NAMES = {"no": "nb", "zh": "cmn"}

NORMAL_WORDS_PER_MINUTE = 165
"""A calm speaker on the telephone; eSpeak's own normal speed of 175 is harder to follow there."""

_SLOWEST_WORDS_PER_MINUTE = 80
_FASTEST_WORDS_PER_MINUTE = 450
"""The range of the engine."""


def espeak_voice(name: str | None, language: str = "en") -> str:
    """The engine's name for a voice; unknown names, other providers' identifiers among them, get the default.

    For a language other than English it is the language's own voice, whatever the name.
    """
    if not is_english(language):
        code, _, region = language.lower().partition("-")
        if code == "es" and region not in ("", "es"):
            return "es-419"
        return language.lower() if language.lower() in _REGIONS else _OTHER_NAMES.get(code, code)
    return VOICES.get((name or DEFAULT_VOICE).lower(), VOICES[DEFAULT_VOICE])


def words_per_minute(speed: float) -> int:
    """The engine's rate for a speed of which 1.0 is normal."""
    rate = round(NORMAL_WORDS_PER_MINUTE * speed)
    return min(max(rate, _SLOWEST_WORDS_PER_MINUTE), _FASTEST_WORDS_PER_MINUTE)
