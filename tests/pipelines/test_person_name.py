"""How somebody is addressed."""

import pytest

from pipelines.person_name import addressed, parted


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Bill Lumbergh", "Bill"),
        ("Dr. Anna Huber", "Dr. Huber"),
        ("Prof. Dr. Hans Müller", "Prof. Müller"),
        ("Frau Huber", "Frau Huber"),
        ("Huber, Anna", "Anna"),
        ("Anna Huber, MBA", "Anna"),
        ("John Smith Jr.", "John"),
        ("MARIA LOPEZ", "Maria"),
        ("J. Smith", "J. Smith"),
        ("JP Morgan", "JP"),
        ("Bo", "Bo"),
        ("Dr.", ""),
        ("bill@initech.example", ""),
        ("https://evil.example now", ""),
        ("+1 415 555 0132", ""),
        ("", ""),
        (None, ""),
        (" , ", ""),
    ],
)
def test_by_which_name(name: str | None, called: str) -> None:
    assert addressed(name) == called


def test_titles_are_no_names() -> None:
    assert parted("Dr. Anna Maria Huber") == ("Dr.", "Anna", "Maria Huber")
    assert parted("Frau Huber") == ("Frau", "", "Huber")
    assert parted("LOPEZ, MARIA, Ph.D.") == ("", "Maria", "Lopez")
