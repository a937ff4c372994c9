"""Audio may wait in the middle of steady speech, and nowhere else."""

import pytest

from pipelines.conversation.pieces import BEGINNING_MS, PAUSE_MS, SILENCE_MS, UNSEEN_MS, Pieces

WINDOW_MS = 32.0


class Line:
    def __init__(self) -> None:
        self.pieces = Pieces()
        self._end_ms = 0.0

    def hear(self, probability: float, ms: float, *, in_turn: bool = True) -> list[bool]:
        """Whether audio may wait after each window."""
        waits = []
        for _ in range(round(ms / WINDOW_MS)):
            self._end_ms += WINDOW_MS
            self.pieces.frame(WINDOW_MS)
            self.pieces.window(probability, self._end_ms)
            waits.append(self.pieces.may_wait(in_turn=in_turn))
        return waits


def talking() -> Line:
    line = Line()
    line.hear(0.0, 3000)
    line.hear(0.9, 1000)
    assert line.pieces.may_wait(in_turn=True)
    return line


def test_in_a_turn_that_may_be_ending_no_silence_waits() -> None:
    assert not any(talking().hear(0.1, 5000))


def test_outside_of_a_turn_silence_waits_once_it_is_long_and_the_first_voice_ends_that() -> None:
    line = talking()
    waits = line.hear(0.1, 2000, in_turn=False)
    begun = waits.index(True)
    assert SILENCE_MS <= (begun + 1) * WINDOW_MS < SILENCE_MS + WINDOW_MS
    assert all(waits[begun:])
    assert line.hear(0.9, 400, in_turn=False) == [False] * 12


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
    assert not Pieces().may_wait(in_turn=False)
    for probability in (0.9, 0.1):
        line = talking()
        line.hear(probability, 2000)
        line.pieces.frame(UNSEEN_MS)
        assert line.pieces.may_wait(in_turn=False)
        line.pieces.frame(20.0)
        assert not line.pieces.may_wait(in_turn=False)
