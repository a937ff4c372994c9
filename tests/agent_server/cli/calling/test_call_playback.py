from hypothesis import given
from hypothesis import strategies as st
from tone import silence, tone

from agent_server.cli.calling.playback import HOLD_LIMIT_MS, MAX_ITEMS, Playback, Progress


def play(playback: Playback, length_ms: float) -> bytes:
    parts, missing = [], int(length_ms * 24)
    while missing:
        stretch = playback.play(missing)
        parts.append(stretch.pcm)
        missing -= len(stretch.pcm) // 2
    return b"".join(parts)


def test_silence_is_heard_where_there_is_no_audio() -> None:
    playback = Playback()
    assert play(playback, 20) == silence(20)
    playback.add("item", "resp", tone(30))
    assert play(playback, 50) == tone(30) + silence(20)
    assert playback.is_idle


def test_items_follow_each_other_without_a_gap() -> None:
    playback = Playback()
    playback.add("filler", "resp", tone(15))
    playback.add("reply", "resp", tone(25, level=0.1))
    assert play(playback, 40) == tone(15) + tone(25, level=0.1)


def test_a_stretch_never_spans_two_responses() -> None:
    playback = Playback()
    playback.add("a", "first", tone(10))
    playback.add("b", "second", tone(10))
    stretch = playback.play(20 * 24)
    assert (stretch.response_id, stretch.pcm) == ("first", tone(10))
    assert playback.play(20 * 24).response_id == "second"
    assert playback.play(1).response_id is None


def test_progress_is_told_four_times_a_second_and_the_end_at_once() -> None:
    playback = Playback()
    playback.add("item", "resp", tone(600))
    told: list[tuple[int, Progress]] = []
    for now_ms in range(10, 700, 10):
        play(playback, 10)
        if now_ms == 300:
            playback.end("item")
        told += [(now_ms, progress) for progress in playback.due_reports(now_ms)]
    assert told == [
        (10, Progress("item", 10, final=False)),
        (260, Progress("item", 260, final=False)),
        (510, Progress("item", 510, final=False)),
        (600, Progress("item", 600, final=True)),
    ]


def test_an_item_that_may_go_on_is_not_final() -> None:
    playback = Playback()
    playback.add("item", "resp", tone(100))
    play(playback, 200)
    assert playback.due_reports(200) == [Progress("item", 100, final=False)]
    playback.end("item")
    assert playback.due_reports(201) == [Progress("item", 100, final=True)]
    assert playback.due_reports(1000) == []


def test_a_hold_keeps_the_place_and_ends_by_itself() -> None:
    playback = Playback()
    playback.add("item", "resp", tone(100))
    play(playback, 40)
    playback.hold("item", now_ms=40)
    assert play(playback, 30) == silence(30)
    playback.release()
    assert play(playback, 60) == tone(100)[2 * 24 * 40 :]
    playback.add("item", "resp", tone(100))
    playback.hold("item", now_ms=200)
    playback.due_reports(200 + HOLD_LIMIT_MS - 1)
    assert play(playback, 10) == silence(10)
    playback.due_reports(200 + HOLD_LIMIT_MS)
    assert play(playback, 10) == tone(10)


def test_a_hold_of_another_item_is_none() -> None:
    playback = Playback()
    playback.add("item", "resp", tone(100))
    playback.hold("other", now_ms=0)
    assert play(playback, 10) == tone(10)


def test_a_cut_stops_at_once_and_drops_what_is_on_its_way() -> None:
    playback = Playback()
    playback.add("item", "resp", tone(100))
    play(playback, 33.5)
    assert playback.cut() == [Progress("item", 33, final=True)]
    playback.add("item", "resp", tone(100))
    playback.add("next-item", "resp", tone(100))
    assert playback.is_idle
    assert playback.due_reports(1000) == []
    playback.add("item2", "resp2", tone(100))
    assert play(playback, 10) == tone(10)


def test_a_cut_covers_a_response_that_has_not_sounded_yet() -> None:
    playback = Playback()
    assert playback.cut("resp") == []
    playback.add("item", "resp", tone(100))
    assert playback.is_idle


def test_memory_is_bounded() -> None:
    playback = Playback()
    for number in range(3 * MAX_ITEMS):
        playback.add(f"item{number}", f"resp{number}", tone(1))
        playback.end(f"item{number}")
        play(playback, 1)
        playback.due_reports(number)
        playback.cut(f"other{number}")
    assert len(playback._items) <= MAX_ITEMS
    assert len(playback._cut_responses) <= MAX_ITEMS


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 400)), max_size=12), st.lists(st.integers(1, 500)))
def test_every_sample_is_heard_once_and_in_order(chunks: list[tuple[int, int]], steps: list[int]) -> None:
    playback = Playback()
    wanted = b""
    for index, (number, samples) in enumerate(chunks):
        pcm = bytes([index + 1]) * (2 * samples)
        playback.add(f"item{number}", f"resp{number}", pcm)
        wanted += pcm
    heard = b"".join(playback.play(step).pcm for step in steps)
    total = sum(steps)
    heard += play(playback, (len(wanted) // 2 + total) / 24)
    assert heard.rstrip(b"\0") == wanted
