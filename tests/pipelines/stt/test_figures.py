import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.stt.figures import write_figures


def written(heard: str) -> str:
    return " ".join(write_figures(heard.split()))


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ("we have about twenty five people", "we have about 25 people"),
        ("ten to twelve people", "10 to 12 people"),
        ("a hundred and twenty people", "120 people"),
        ("two hundred fifty users", "250 users"),
        ("five thousand two hundred and ten", "5,210"),
        ("twelve hundred", "1,200"),
        ("thirty five hundred", "3,500"),
        ("one hundred thousand", "100,000"),
        ("three million two hundred thousand", "3,200,000"),
        ("a budget of five thousand dollars", "a budget of $5,000"),
        ("a hundred dollars", "$100"),
        ("five dollars", "$5"),
        ("twenty euros", "€20"),
        ("five to ten thousand dollars", "5 to 10 thousand dollars"),
        ("between ten and twenty thousand a year", "between 10 and 20 thousand a year"),
        ("twenty percent", "20%"),
        ("three point five percent", "3.5%"),
        ("tuesday at three thirty p m", "tuesday at 3:30 pm"),
        ("three p m", "3 pm"),
        ("ten oh five a m", "10:05 am"),
        ("at ten thirty", "at 10:30"),
        ("three fifteen works", "3:15 works"),
        ("nine o'clock", "9 o'clock"),
        ("five five five oh one three four", "5550134"),
        ("double five five oh", "5550"),
        ("twenty twenty six", "2026"),
    ],
)
def test_numbers_become_figures(heard: str, expected: str) -> None:
    assert written(heard) == expected


@pytest.mark.parametrize(
    "heard",
    [
        "one of us",
        "no one is here",
        "two",
        "at five",
        "half past three",
        "five minutes",
        "a hundred people",
        "thanks a million",
        "fifty fifty",
        "twenty four seven",
        "the twenty fifth of march",
        "seven eight nine",
        "two fifty a month",
        "oh really",
        "point taken",
        "",
    ],
)
def test_what_reads_better_in_words_stays(heard: str) -> None:
    assert written(heard) == heard


_WORDS = (
    "one two five ten twelve fifteen twenty thirty ninety hundred thousand million a and oh zero point to at "
    "dollars percent p m o'clock first people double monday"
)


@given(st.lists(st.sampled_from(_WORDS.split()), max_size=12))
def test_any_words_are_taken_and_those_that_are_no_numbers_stay(words: list[str]) -> None:
    result = write_figures(words)
    assert all(result)
    for word in ("people", "monday", "at"):
        assert " ".join(result).split().count(word) == words.count(word)
