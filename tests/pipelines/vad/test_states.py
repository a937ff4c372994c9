import numpy as np

from pipelines.vad.states import StateTable


def test_slots_are_kept_apart_and_used_again() -> None:
    table = StateTable()
    slots = [table.take() for _ in range(40)]  # beyond the first capacity
    assert len(set(slots)) == 40
    table.clear(slots[3])
    table.scatter([slots[39]], np.ones((2, 1, 128), np.float32))
    assert table.gather([slots[3], slots[39]]).mean(axis=(0, 2)).tolist() == [0.0, 1.0]
    table.give_back(slots[39])
    assert table.take() == slots[39]
    table.clear(slots[39])
    assert not table.gather([slots[39]]).any()


def test_growing_keeps_what_was_there() -> None:
    table = StateTable()
    first = table.take()
    table.scatter([first], np.full((2, 1, 128), 0.5, np.float32))
    for _ in range(100):
        table.take()
    assert (table.gather([first]) == 0.5).all()
