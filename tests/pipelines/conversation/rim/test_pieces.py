"""Audio may wait in the middle of steady speech, and nowhere else."""

import pytest

from pipelines.conversation.rim.pieces import BEGINNING_MS, PAUSE_MS, UNSEEN_MS, Pieces

WINDOW_MS = 32.0


class Line:
    def __init__(self) -> None:
        self.pieces = Pieces()
        self._end_ms = 0.0

    def hear(self, probability: float, ms: float) -> list[bool]:
        """Whether audio may wait after each window."""
        waits = []
        for _ in range(round(ms / WINDOW_MS)):
            self._end_ms += WINDOW_MS
            self.pieces.frame(WINDOW_MS)
            self.pieces.window(probability, self._end_ms)
            waits.append(self.pieces.may_wait)
        return waits


def talking() -> Line:
    line = Line()
    line.hear(0.0, 3000)
    line.hear(0.9, 1000)
    assert line.pieces.may_wait
    return line


def test_a_silent_line_is_left_to_the_recogniser() -> None:
    assert not any(Line().hear(0.1, 5000))


def test_the_first_words_go_as_they_come_and_steady_speech_waits() -> None:
    line = Line()
    line.hear(0.0, 3000)
    waits = line.hear(0.9, 2000)
    begun = waits.index(True)
    assert BEGINNING_MS <= (begun + 1) * WINDOW_MS < BEGINNING_MS + WINDOW_MS
    assert all(waits[begun:])


def test_the_first_window_without_voice_ends_the_wait() -> None:
    assert not any(talking().hear(0.1, 2000))


@pytest.mark.parametrize(("gap_ms", "waits"), [(PAUSE_MS - WINDOW_MS, True), (PAUSE_MS + WINDOW_MS, False)])
def test_a_gap_between_words_changes_nothing_but_a_pause_begins_anew(gap_ms: float, waits: bool) -> None:
    line = talking()
    line.hear(0.1, gap_ms)
    assert line.hear(0.9, WINDOW_MS) == [waits]
    assert line.hear(0.9, BEGINNING_MS + WINDOW_MS)[-1]


def test_without_voice_activity_nothing_waits() -> None:
    assert not Pieces().may_wait
    line = talking()
    line.pieces.frame(UNSEEN_MS)
    assert line.pieces.may_wait
    line.pieces.frame(20.0)
    assert not line.pieces.may_wait
