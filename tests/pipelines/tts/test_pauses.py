import pytest

from pipelines.tts.pauses import pause_after_ms


@pytest.mark.parametrize(
    ("clause", "pause_ms"),
    [
        ("Hello.", 320),
        ('"Hello?" ', 320),
        ("Well,", 160),
        ("First:", 240),
        ("cut here", 0),
        ("a title\n", 320),
        ("", 0),
    ],
)
def test_punctuation_sets_the_pause(clause: str, pause_ms: int) -> None:
    assert pause_after_ms(clause, 1.0) == pause_ms


def test_a_faster_voice_pauses_less() -> None:
    assert pause_after_ms("Hello.", 2.0) == 160
