"""Names people give as their own, with and without capital letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.playbook.extract.names import find_company, find_name


@pytest.mark.parametrize(
    ("text", "asked", "name"),
    [
        ("my name is dave", False, "Dave"),
        ("My name's Maria Garcia", False, "Maria Garcia"),
        ("this is peter hall from brightline", False, "Peter Hall"),
        ("i'm sarah from northwind and we need help", False, "Sarah"),
        ("I'm Kate", False, "Kate"),
        ("this is John", False, "John"),
        ("tom baker speaking", False, "Tom Baker"),
        ("call me tom", False, "Tom"),
        ("put it under smith", False, "Smith"),
        ("dave", True, "Dave"),
        ("it's jonathan price", True, "Jonathan Price"),
        ("sure, Jane Doe", True, "Jane Doe"),
        ("yes it's Anne-Marie O'Neil", True, "Anne-Marie O'Neil"),
        ("i'm interested", False, None),
        ("I'm not sure", False, None),
        ("this is a bad time", False, None),
        ("call me later", False, None),
        ("we're 25 people at initech", False, None),
        ("this is great from what I see", False, None),
        ("why do you need that?", True, None),
        ("i don't want to say", True, None),
        ("no", True, None),
        ("25", True, None),
    ],
)
def test_names(text: str, asked: bool, name: str | None) -> None:
    assert find_name(text, asked=asked) == name


@pytest.mark.parametrize(
    ("text", "asked", "company"),
    [
        ("we're 25 people at Initech and have about 5k a month", False, "Initech"),
        ("we're 25 people at initech and have about 5k a month", False, "Initech"),
        ("i work for blue ocean logistics", False, "Blue Ocean Logistics"),
        ("this is peter hall from brightline", False, "Brightline"),
        ("our company is called smith and sons", False, "Smith and Sons"),
        ("I'm the owner of Sunrise Plumbing", False, "Sunrise Plumbing"),
        ("i'm calling from contoso", False, "Contoso"),
        ("the company is hooli", False, "Hooli"),
        ("globex", True, "Globex"),
        ("it's Maple Street Dental", True, "Maple Street Dental"),
        ("i'm at home", False, None),
        ("i'm with a customer", False, None),
        ("we're at ten people", False, None),
        ("let's talk at ten", False, None),
        ("i'm at work right now", False, None),
        ("We are a team of twelve and we answer the phone too slowly", False, None),
        ("a staff of thirty", False, None),
        ("we're with eighteen people now", False, None),
        ("i'm the director of operations", False, None),
        ("we have a sales team for that", False, None),
        ("our team at brightline", False, "Brightline"),
    ],
)
def test_companies(text: str, asked: bool, company: str | None) -> None:
    assert find_company(text, asked=asked) == company


@given(st.text(max_size=120), st.booleans())
def test_any_text_has_names_or_none(text: str, asked: bool) -> None:
    assert find_name(text, asked=asked) != ""
    assert find_company(text, asked=asked) != ""


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("hi this is Dr. Alan Grant from Montana Dig Co", "Dr. Alan Grant"),
        ("this is Mrs. Dalloway", "Mrs. Dalloway"),
        ("my name is dr grant", "Dr Grant"),
        ("Dr. Grant speaking", "Dr. Grant"),
        ("this is Dr.", None),
    ],
)
def test_a_title_is_part_of_a_name_and_none_of_its_own(said: str, name: str | None) -> None:
    assert find_name(said) == name
