from hypothesis import given
from hypothesis import strategies as st

from pipelines.tts.spoken_form import SpokenToken, spoken_tokens
from pipelines.tts.word_times import spoken_text, word_times


def test_each_word_lasts_until_the_next_one() -> None:
    words = word_times(spoken_tokens("one two three"), [(0, 0.0), (4, 250.0), (8, 700.0)], 1000.0)
    assert [(word.text, word.start_ms, word.end_ms) for word in words] == [
        ("one", 0.0, 250.0),
        ("two", 250.0, 700.0),
        ("three", 700.0, 1000.0),
    ]


def test_an_address_is_one_word_however_many_the_engine_says() -> None:
    tokens = spoken_tokens("mail jane@acme.com now")
    text = spoken_text(tokens)
    marks = [(text.index(word), at) for word, at in [("mail", 0.0), ("jane", 300.0), ("at", 550.0), ("acme", 700.0)]]
    marks += [(text.index("dot"), 1000.0), (text.index("com"), 1200.0), (text.index("now"), 1600.0)]
    words = word_times(tokens, marks, 2000.0, offset_ms=500.0)
    assert [(word.text, word.start_ms, word.end_ms) for word in words] == [
        ("mail", 500.0, 800.0),
        ("jane@acme.com", 800.0, 2100.0),
        ("now", 2100.0, 2500.0),
    ]


def test_a_word_the_engine_did_not_mark_gets_its_share() -> None:
    words = word_times(spoken_tokens("aaaa bbbb cccc"), [(0, 0.0), (10, 800.0)], 1000.0)
    assert [word.start_ms for word in words] == [0.0, 400.0, 800.0]


def test_what_is_not_spoken_takes_no_time() -> None:
    words = word_times(spoken_tokens("hi 😀 there 🎉"), [(0, 0.0), (3, 400.0)], 900.0)
    assert [(word.text, word.start_ms, word.end_ms) for word in words] == [
        ("hi", 0.0, 400.0),
        ("😀", 400.0, 400.0),
        ("there", 400.0, 900.0),
        ("🎉", 900.0, 900.0),
    ]


def test_no_words_no_times() -> None:
    assert word_times([], [], 0.0) == ()


@given(
    words=st.lists(st.tuples(st.text("ab", min_size=1, max_size=9), st.booleans()), min_size=1, max_size=12),
    marks=st.lists(st.tuples(st.integers(-3, 90), st.floats(-50, 5000)), max_size=20),
    duration_ms=st.floats(0, 4000),
)
def test_whatever_the_engine_says_time_never_runs_back(
    words: list[tuple[str, bool]], marks: list[tuple[int, float]], duration_ms: float
) -> None:
    tokens = [SpokenToken(written, written if spoken else "") for written, spoken in words]
    timed = word_times(tokens, marks, duration_ms)
    assert [word.text for word in timed] == [written for written, _ in words]
    edges = [edge for word in timed for edge in (word.start_ms, word.end_ms)]
    assert edges == sorted(edges)
    assert edges[0] >= 0.0
    assert edges[-1] <= duration_ms
