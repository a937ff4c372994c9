"""Numbers and money as people say and type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.playbook.extract.money import Money, find_money, spoken_money
from pipelines.playbook.extract.numbers import find_numbers


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("we have 25 people", [25]),
        ("1,200 users", [1200]),
        ("3.5k", [3500]),
        ("a couple dozen", [24]),
        ("a couple of dozen reps", [24]),
        ("half a dozen", [6]),
        ("a dozen", [12]),
        ("a handful of us", [5]),
        ("about a hundred and twenty reps", [120]),
        ("two thousand five hundred", [2500]),
        ("fifteen hundred", [1500]),
        ("two hundred fifty thousand", [250_000]),
        ("a few hundred bucks", [300]),
        ("a couple of thousand", [2000]),
        ("ten grand", [10_000]),
        ("twenty-five", [25]),
        ("twenty five or thirty", [25, 30]),
        ("no, fifty not fifteen", [50, 15]),
        ("five five five one two", [5, 5, 5, 1, 2]),
        ("we're 25 people at Initech and have about 5k a month", [25, 5000]),
        ("the second one", []),
        ("that one please", []),
        ("one of us", []),
        ("one moment", []),
        ("the 24th", []),
        ("a lot", []),
        ("just one", [1]),
    ],
)
def test_numbers(text: str, values: list[float]) -> None:
    assert [number.value for number in find_numbers(text)] == values


@given(st.integers(min_value=0, max_value=999_999))
def test_figures_are_read_as_they_are(value: int) -> None:
    assert [number.value for number in find_numbers(f"about {value} people")] == [value]
    assert [number.value for number in find_numbers(f"about {value:,} people")] == [value]


@given(st.text(max_size=120))
def test_any_text_has_numbers_in_order_within_it(text: str) -> None:
    numbers = find_numbers(text)
    assert all(0 <= number.start < number.end for number in numbers)
    assert [number.start for number in numbers] == sorted(number.start for number in numbers)


@pytest.mark.parametrize(
    ("text", "bare", "spoken"),
    [
        ("$500 a month", False, "500 dollars a month"),
        ("about 5k a month", False, "5,000 dollars a month"),
        ("ten grand", False, "10,000 dollars"),
        ("between 5 and 10k a year", False, "10,000 dollars a year"),
        ("two to three thousand monthly", False, "3,000 dollars a month"),
        ("2000 euros per month", False, "2,000 euros a month"),
        ("\N{POUND SIGN}200", False, "200 pounds"),
        ("maybe fifteen hundred bucks per month", False, "1,500 dollars a month"),
        ("five hundred", True, "500 dollars"),
        ("we're 25 people at Initech and have about 5k a month", False, "5,000 dollars a month"),
    ],
)
def test_money(text: str, bare: bool, spoken: str) -> None:
    money = find_money(text, bare=bare)
    assert money is not None
    assert spoken_money(money) == spoken


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("five hundred", False),
        ("we have 25 people", True),
        ("200 calls a day", True),
        ("in two weeks", True),
        ("", True),
    ],
)
def test_no_money(text: str, bare: bool) -> None:
    assert find_money(text, bare=bare) is None


def test_money_keeps_its_cents() -> None:
    assert spoken_money(Money(9.5)) == "9.50 dollars"
