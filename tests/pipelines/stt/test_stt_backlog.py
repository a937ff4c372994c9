import pytest

from pipelines.stt.backlog import Backlog, Chunk


def made(**changed):
    return Backlog(1000, **{"chunk_ms": 10, "max_ms": 100, **changed})  # 2 bytes a millisecond


def taken(backlog):
    items = []
    while (item := backlog.take()) is not None:
        items.append(item)
    return items


@pytest.mark.parametrize("size", [2, 6, 20, 50])
def test_audio_is_cut_into_chunks_and_none_is_lost(size):
    backlog = made()
    pcm = bytes(range(100)) * 2
    for at in range(0, len(pcm), size):
        assert backlog.add_audio(pcm[at : at + size])
    chunks = taken(backlog)
    assert b"".join(chunk.pcm for chunk in chunks) == pcm
    assert [(chunk.start_ms, chunk.end_ms) for chunk in chunks] == [(n * 10, n * 10 + 10) for n in range(10)]


def test_a_command_comes_after_all_audio_before_it():
    backlog = made()
    backlog.add_audio(bytes(26))
    backlog.add_command("finalize")
    backlog.add_audio(bytes(20))
    assert taken(backlog) == [Chunk(0, 10, bytes(20)), Chunk(10, 13, bytes(6)), "finalize", Chunk(13, 23, bytes(20))]


def test_what_is_not_settled_is_sent_again():
    backlog = made()
    backlog.add_audio(bytes(100))
    first = taken(backlog)
    backlog.settle(25)
    backlog.add_audio(bytes(20))
    assert backlog.rewind() == 20
    assert taken(backlog) == [*first[2:], Chunk(50, 60, bytes(20))]


def test_with_everything_settled_the_next_audio_is_the_beginning():
    backlog = made()
    backlog.add_audio(bytes(100))
    taken(backlog)
    backlog.settle(50)
    assert backlog.rewind() == 50


def test_the_oldest_audio_goes_at_the_bound():
    backlog = made(max_ms=30)
    assert backlog.add_audio(bytes(60))
    assert not backlog.add_audio(bytes(20))
    assert [chunk.start_ms for chunk in taken(backlog)] == [10, 20, 30]
    assert backlog.add_audio(bytes(40))  # what was sent goes without loss
    assert backlog.rewind() == 30


def test_what_is_urgent_waits_for_no_whole_chunk():
    backlog = made()
    backlog.add_audio(bytes(6))
    backlog.add_audio(bytes(8), at_once=True)
    first, second = backlog.take(), backlog.take()
    assert (first.start_ms, first.end_ms, second.start_ms, second.end_ms) == (0, 3, 3, 7)
    backlog.add_audio(bytes(6))
    assert backlog.take() is None
    backlog.flush()
    assert backlog.take().end_ms == 10


def test_nothing_is_left_of_what_was_cleared():
    backlog = made()
    backlog.add_audio(bytes(46))
    backlog.take()
    backlog.clear()
    assert taken(backlog) == []
    backlog.rewind()
    assert taken(backlog) == []
