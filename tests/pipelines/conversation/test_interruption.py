"""Whether a sound takes the floor: words, length, and whether the recogniser can be trusted with short sounds."""

from typing import Any

import pytest

from pipelines.conversation.interruption import Verdict, judge

TAKES, NOTHING, OPEN = Verdict.INTERRUPTION, Verdict.FALSE_ALARM, Verdict.UNDECIDED


def verdict(text: str, voiced_ms: float = 300.0, silence_ms: float = 0.0, **more: Any) -> Verdict:
    """While the agent is heard and had put no question."""
    told = {"is_final": False, "agent_audible": True, "answering": False, "waited_ms": voiced_ms + silence_ms, **more}
    return judge(text=text, voiced_ms=voiced_ms, silence_ms=silence_ms, **told)


@pytest.mark.parametrize(
    ("text", "answering", "expected"),
    [
        ("stop", False, TAKES),
        ("Stop!", False, TAKES),
        ("well, no", False, TAKES),
        ("twenty people", False, TAKES),
        ("twenty", False, OPEN),  # perhaps a cough that was misheard
        ("twenty", True, TAKES),
        ("mhm", False, OPEN),
        ("mhm", True, OPEN),
        ("yes", False, OPEN),
        ("yes", True, TAKES),
        ("", True, OPEN),
    ],
)
def test_words_take_the_floor_at_once_unless_listeners_say_them(text: str, answering: bool, expected: Verdict) -> None:
    assert verdict(text, answering=answering) is expected


@pytest.mark.parametrize(
    ("language", "text", "answering", "expected"),
    [
        ("de", "ja, genau", False, OPEN),
        ("de", "Ja, genau.", True, TAKES),
        ("de", "mhm, verstehe", False, OPEN),
        ("de", "Stopp!", False, TAKES),
        ("de", "Moment", False, TAKES),
        ("de", "zwanzig Leute", False, TAKES),
        ("fr", "d'accord, très bien", False, OPEN),
        ("fr", "Attendez", False, TAKES),
        ("es", "sí, claro", False, OPEN),
        ("pl", "mhm", False, OPEN),
        ("pl", "dwadzieścia osób", False, TAKES),
        ("en", "ja genau", False, TAKES),
    ],
)
def test_each_language_has_its_own_words_for_that(language: str, text: str, answering: bool, expected: Verdict) -> None:
    assert verdict(text, answering=answering, language=language) is expected


@pytest.mark.parametrize(
    ("text", "voiced_ms", "audible", "expected"),
    [
        ("", 868.0, True, OPEN),
        ("", 900.0, True, TAKES),
        ("twenty", 900.0, True, TAKES),
        ("", 160.0, False, OPEN),
        ("", 192.0, False, TAKES),  # there is nothing to lose yet
        ("mhm", 1468.0, True, OPEN),
        ("mhm", 1500.0, True, TAKES),
        ("mhm", 1468.0, False, OPEN),
    ],
)
def test_a_long_sound_takes_it_whatever_it_is(text: str, voiced_ms: float, audible: bool, expected: Verdict) -> None:
    assert verdict(text, voiced_ms, agent_audible=audible) is expected


@pytest.mark.parametrize(
    ("text", "voiced_ms", "silence_ms", "is_final", "expected"),
    [
        ("", 64.0, 32.0, False, OPEN),
        ("", 64.0, 64.0, False, NOTHING),  # no word in any language
        ("", 96.0, 64.0, False, OPEN),
        ("mhm", 64.0, 64.0, False, OPEN),
        ("mhm", 300.0, 160.0, True, OPEN),
        ("mhm", 300.0, 192.0, True, NOTHING),
        ("mhm", 300.0, 384.0, False, OPEN),  # "mhm, but..."
        ("mhm", 300.0, 400.0, False, NOTHING),
        ("", 300.0, 400.0, False, NOTHING),
    ],
)
def test_a_short_one_is_nothing_once_no_better_text_will_come(
    text: str, voiced_ms: float, silence_ms: float, is_final: bool, expected: Verdict
) -> None:
    assert verdict(text, voiced_ms, silence_ms, is_final=is_final) is expected


@pytest.mark.parametrize(
    ("text", "voiced_ms", "is_final", "answering", "expected"),
    [
        ("stop", 300.0, True, False, TAKES),
        ("stop", 300.0, False, False, OPEN),  # it may think better of it
        ("the stop", 300.0, True, False, TAKES),
        ("twenty people", 300.0, True, False, OPEN),  # made of a cough
        ("twenty people", 649.0, True, False, OPEN),
        ("twenty people", 650.0, False, False, TAKES),
        ("twenty", 300.0, True, True, TAKES),
        ("yes", 300.0, True, True, TAKES),
        ("", 300.0, True, True, OPEN),
        ("m m them", 700.0, True, False, OPEN),  # a hum
        ("m m them", 1500.0, True, False, TAKES),
        ("m m m m them", 700.0, True, False, TAKES),
    ],
)
def test_a_recogniser_that_guesses_is_believed_where_the_sound_is_long_or_the_word_is_plain(
    text: str, voiced_ms: float, is_final: bool, answering: bool, expected: Verdict
) -> None:
    assert verdict(text, voiced_ms, is_final=is_final, answering=answering, guessed=True) is expected
