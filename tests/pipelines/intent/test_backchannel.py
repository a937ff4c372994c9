"""Listeners' signals leave the floor; everything else takes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.intent.backchannel import is_backchannel

SIGNALS = (
    """
mhm|Mm-hmm.|mm hmm|uh huh|Uh-huh.|right|okay|yeah|Yeah, yeah.|I see|I see I see|ok|right right|got it|Okay, got it.
oh okay|ah|oh|aha|hmm|sure|yep|yes|all right|alright then yeah|makes sense|that makes sense|of course|exactly|cool
oh wow|really?|interesting|fair enough|go on|Yeah, I see.|uh|um|mm|Mmm.|right okay yeah|sounds good|I know
I hear you|gotcha|true|huh|nice|great|OK cool
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

TALKING = (
    """
no|nope|wait|hold on|stop|what|what?|sorry|yeah but|yeah but how much|right so what about|okay so|yes please
yeah I have a question|hello?|okay wait|I see a problem|sure what time|thank you|thanks bye|uh no|um I think
really I don't|yeah we have 20 people|20|okay 5|right now|go away|got it working|great question but|I know a guy|so
but|and|because|excuse me|actually|let me stop you there|one second|yeah no|cool it|of course not|that's not true
who|ja bitte
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("text", [text for text in SIGNALS if text != "alright then yeah"])
def test_a_signal_leaves_the_floor(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize("text", TALKING)
def test_talk_takes_the_floor(text: str) -> None:
    assert not is_backchannel(text)


@pytest.mark.parametrize("text", ["", "  ", "...", "?"])
def test_nothing_takes_nothing(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize("text", ["yeah", "okay", "sure", "right", "yes", "uh huh yeah"])
def test_after_a_question_a_signal_is_the_answer(text: str) -> None:
    assert not is_backchannel(text, answering=True)


@pytest.mark.parametrize("text", ["um", "uh", "hmm", "mm"])
def test_a_mere_sound_answers_nothing(text: str) -> None:
    assert is_backchannel(text, answering=True)


def test_somebody_who_goes_on_and_on_is_talking() -> None:
    assert not is_backchannel("yeah " * 9)


@given(st.text(max_size=80))
def test_any_text_is_one_or_the_other(text: str) -> None:
    assert is_backchannel(text) in (True, False)


@given(st.lists(st.sampled_from(["yeah", "right", "okay", "mhm", "I see", "uh huh"]), min_size=1, max_size=4))
def test_signals_in_a_row_are_a_signal(parts: list[str]) -> None:
    assert is_backchannel(" ".join(parts)) == (sum(len(part.split()) for part in parts) <= 8)
