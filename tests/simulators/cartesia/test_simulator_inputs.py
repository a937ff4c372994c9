from hypothesis import given
from hypothesis import strategies as st

from simulators.cartesia.inputs import Inputs, Piece


def push(inputs, text, now=0.0, *, flush=False, last=False):
    inputs.push(text, flush=flush, last=last, now=now)


def test_without_a_buffer_each_input_is_spoken_at_once():
    inputs = Inputs(0)
    push(inputs, "Hello ")
    push(inputs, "there")
    assert [inputs.take(0), inputs.take(0), inputs.take(0)] == [Piece("Hello "), Piece("there"), None]


def test_text_waits_for_its_sentence():
    inputs = Inputs(3000)
    push(inputs, "Hello ", 1.0)
    assert inputs.take(1.5) is None
    assert inputs.due() == 4.0
    push(inputs, "there. How", 2.0)
    assert inputs.take(2.0) == Piece("Hello there. ")
    assert inputs.take(2.0) is None
    assert inputs.due() == 5.0


def test_text_does_not_wait_longer_than_the_buffer():
    inputs = Inputs(500)
    push(inputs, "No end in sight", 1.0)
    assert inputs.take(1.49) is None
    assert inputs.take(1.5) == Piece("No end in sight")
    assert inputs.due() is None


def test_a_flush_speaks_what_is_there_and_is_answered():
    inputs = Inputs(3000)
    push(inputs, "Half a", flush=True)
    assert inputs.take(0) == Piece("Half a", flushes=True)
    push(inputs, "", flush=True)
    assert inputs.take(0) == Piece("", flushes=True)


def test_the_last_input_ends_the_context_though_it_is_empty():
    inputs = Inputs(3000)
    push(inputs, "Almost")
    push(inputs, "", last=True)
    assert inputs.ended
    assert inputs.take(0) == Piece("Almost", ends=True)


def test_white_space_alone_is_not_spoken():
    inputs = Inputs(0)
    push(inputs, " ")
    assert inputs.take(0) is None


def test_what_is_dropped_is_not_spoken():
    inputs = Inputs(3000)
    push(inputs, "One. Two")
    inputs.drop()
    assert inputs.take(100) is None
    assert inputs.due() is None


def letters(texts):
    """White space between pieces may be dropped, nothing else."""
    return "".join("".join(texts).split())


@given(
    texts=st.lists(st.text("ab .!?", max_size=8), max_size=20),
    buffer_ms=st.sampled_from([0, 100, 3000]),
    flushed=st.sets(st.integers(0, 19)),
)
def test_no_letter_is_lost_or_reordered(texts, buffer_ms, flushed):
    inputs = Inputs(buffer_ms)
    pieces = []
    for number, text in enumerate(texts):
        push(inputs, text, number * 0.07, flush=number in flushed)
        while piece := inputs.take(number * 0.07):
            pieces.append(piece)
    push(inputs, "", 99, last=True)
    while piece := inputs.take(99):
        pieces.append(piece)
    assert letters(piece.text for piece in pieces) == letters(texts)
    assert [piece.ends for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert sum(piece.flushes for piece in pieces) == len(flushed & set(range(len(texts))))
