import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.tts.spoken_form import spoken_tokens


def said(text: str) -> str:
    return " ".join(token.spoken for token in spoken_tokens(text) if token.spoken)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jane@acme.com", "jane at acme dot com"),
        ("jane.doe_x+42@acme.co.uk,", "jane dot doe underscore x plus 4 2 at acme dot co dot U K,"),
        ("https://www.acme.io/pricing.", "acme dot I O slash pricing."),
        ("acme.com", "acme dot com"),
        ("$1,200", "1200 dollars"),
        ("$40.50", "40 dollars and 50 cents"),
        ("$40.00", "40 dollars"),
        ("$0.05", "5 cents"),
        ("$1", "1 dollar"),
        ("$1.2M", "1.2 million dollars"),
        ("$5 million.", "5 million dollars."),
        ("$5-$10 million", "5 to 10 million dollars"),
        ("$99/user/mo", "99 dollars per user per month"),
        ("€20", "20 euros"),
        ("£3.50", "3 pounds and 50 pence"),
        ("1,200,000 people", "1200000 people"),
        ("3.5", "3.5"),
        ("20%", "20 percent"),
        ("-5%", "minus 5 percent"),
        ("10-20%", "10 to 20 percent"),
        ("5-10 people", "5 to 10 people"),
        ("$5k-$10k", "5 thousand to 10 thousand dollars"),
        ("5k", "5 thousand"),
        ("10x", "10 times"),
        ("50+", "50 plus"),
        ("3:30 pm", "3 30 P M"),
        ("10 am", "10 ay M"),
        ("I am", "I am"),
        ("9:00am", "9 ay M"),
        ("9:05", "9 oh 5"),
        ("15:00", "15 o'clock"),
        ("2025-11-23", "November 23, 2025"),
        ("415-555-0100.", "4 1 5, 5 5 5, 0 1 0 0."),
        ("(415) 555-0100", "4 1 5 5 5 5, 0 1 0 0"),
        ("+14155550100", "plus 1 4 1 5 5 5 5 0 1 0 0"),
        ("e.g. Dr. Smith, etc.", "for example doctor Smith, et cetera"),
        ("R&D & sales", "R and D and sales"),
        ("his/her", "his or her"),
        ("24/7 and/or", "24 7 and or"),
        ("**Bold** `code` _so_", "Bold code so"),
        ("## Heading", "Heading"),
        ("[our page](https://acme.com/x).", "our page."),
        ("great — yes", "great , yes"),
        ("great—yes", "great, yes"),
        ("• one 😀", "one"),
        ("#1", "number 1"),
        ('"Hello," she', "Hello, she"),
        ("don't", "don't"),
        ("twenty-five", "twenty-five"),
        ("SaaS B2B", "sass B to B"),
    ],
)
def test_said_as_a_person_would(text: str, expected: str) -> None:
    assert said(text) == expected


def test_another_languages_signs_are_the_engines_to_read() -> None:
    tokens = spoken_tokens(
        "**Das kostet** 1.200 € im Monat \N{EN DASH} z.B. & 24/7, [gut](https://x.de)?", english=False
    )
    assert " ".join(token.spoken for token in tokens) == "Das kostet 1.200 € im Monat , z.B. & 24/7, gut?"


@given(st.text(max_size=200))
def test_every_written_word_is_there_in_order_and_no_sign_of_the_engine_slips_in(text: str) -> None:
    tokens = spoken_tokens(text)
    assert [token.written for token in tokens] == text.split()
    assert not any(sign in token.spoken for token in tokens for sign in "<>[]{}\0")
