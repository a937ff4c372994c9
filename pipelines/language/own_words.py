"""What a language other than English has of words of its own."""

from collections.abc import Mapping

from msgspec import Struct


class OwnWords(Struct, frozen=True, kw_only=True):
    """Words and patterns are ``folded``: small letters without accents, single spaces.

    ``phrases``: what is said and written word for word, by the English for it; ``{names}`` stay · ``going_on``: words
    that no sentence ends with · ``signals``: of a listener, who leaves the floor with the other · ``answers``: those
    of their words that answer a question as well · ``floor_taking``: single words that interrupt · ``no_recording``,
    ``recording``: a caller does not want to be recorded, or asks whether they are · ``no_calls``: wants no more calls.
    """

    phrases: Mapping[str, str]
    going_on: frozenset[str]
    signals: frozenset[str]
    answers: frozenset[str]
    floor_taking: frozenset[str]
    no_recording: str
    recording: str
    no_calls: str


def phrases_in(text: str) -> frozenset[str]:
    """Of a list with commas between."""
    return frozenset(phrase.strip() for phrase in text.split(","))
