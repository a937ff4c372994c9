"""How long a silence has to be to end a turn, and when the recogniser is asked for its words."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.conversation.end_of_turn import end_silence_ms, longest_silence_ms, settle_silence_ms
from pipelines.conversation.settings import Eagerness, SemanticVad, ServerVad

LONGEST_MS: dict[Eagerness, float] = {"high": 2000.0, "medium": 4000.0, "auto": 4000.0, "low": 8000.0}
"""As the protocol has it."""


@pytest.mark.parametrize(
    ("eagerness", "silence_ms"), [("high", 300.0), ("medium", 500.0), ("auto", 500.0), ("low", 800.0)]
)
def test_words_that_sound_finished_are_waited_for_hardly_longer_than_the_least(
    eagerness: Eagerness, silence_ms: float
) -> None:
    assert silence_ms <= end_silence_ms(SemanticVad(eagerness=eagerness), "what does it cost?") < 1.2 * silence_ms


@given(st.sampled_from(get_args(Eagerness)), st.sampled_from(["", " ", "my email address is", "and", "well um"]))
def test_no_doubt_lasts_longer_than_the_protocol_has_it(eagerness: Eagerness, text: str) -> None:
    detection = SemanticVad(eagerness=eagerness)
    assert longest_silence_ms(detection) == LONGEST_MS[eagerness]
    finished_ms = end_silence_ms(detection, "what does it cost?")
    assert finished_ms < end_silence_ms(detection, text) <= LONGEST_MS[eagerness]


def test_with_server_vad_every_silence_is_as_long_as_it_is_set() -> None:
    detection = ServerVad(silence_duration_ms=320)
    assert end_silence_ms(detection, "my email address is") == longest_silence_ms(detection) == 320.0


def test_the_words_are_asked_for_halfway_but_not_within_words_nor_late() -> None:
    assert [settle_silence_ms(end_ms) for end_ms in (200.0, 320.0, 4000.0)] == [120.0, 160.0, 200.0]


def test_in_another_language_the_last_word_and_the_punctuation_tell() -> None:
    detection = SemanticVad()
    open_ms, unknown_ms, over_ms = (
        end_silence_ms(detection, text, "de") for text in ("zwanzig und", "zwanzig", "Zwanzig Leute.")
    )
    assert open_ms > 2500.0 > unknown_ms > over_ms
    assert over_ms < 600.0
