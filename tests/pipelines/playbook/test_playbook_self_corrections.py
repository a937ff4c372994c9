"""Who corrects themselves in the same breath means what they say last."""

import json

import pytest
from playbook_talk import MONDAY, Talk

from pipelines.playbook.corrections import corrected_name
from pipelines.playbook.extract.names import find_name
from pipelines.playbook.tools import SERVER_TOOLS
from pipelines.playbook.understanding import understand


@pytest.mark.parametrize(
    ("said", "expecting", "field", "meant"),
    [
        ("we're 15 people, no wait, 50", "team_size", "team_size", 50),
        ("15, sorry, 50", "team_size", "team_size", 50),
        ("there's twelve of us, scratch that, fourteen now", None, "team_size", 14),
        ("about 500 a month, sorry, 5000 a year", "budget", "budget", "5,000 dollars a year"),
        ("two thousand no make that three thousand a month", "budget", "budget", "3,000 dollars a month"),
        ("next month, no wait, in March", "timing", "timing", "in March"),
        ("bob@x.io, no sorry, rob@x.io", "email", "email", "rob@x.io"),
        ("sorry, we're twelve people", "team_size", "team_size", 12),
        ("no wait, I mean fifty people", "team_size", "team_size", 50),
    ],
)
def test_the_last_one_counts(said: str, expecting: str | None, field: str, meant: object) -> None:
    assert getattr(understand(said, expecting, MONDAY).facts, field) == meant


def test_the_last_time_counts() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script("book me a demo", "tuesday at 2, no, make that wednesday at 2")[2]
    assert "Wednesday, November 25th at 2 PM" in answer
    assert "Friday" in Talk(tools=SERVER_TOOLS).script("book me a demo", "thursday at ten, no wait, friday at ten")[2]


@pytest.mark.parametrize(
    ("known", "said", "meant"),
    [
        ("John Smith", "no it's J-O-N Smyth with a y", "Jon Smyth"),
        ("John Smith", "it's j o n", "Jon Smith"),
        ("John Smith", "Smith with a y", "John Smyth"),
        ("John Smith", "that's S M Y T H", "John Smyth"),
        ("Eric Green", "Eric with a k", "Erik Green"),
        ("Anne Green", "Green with an e", "Anne Greene"),
        ("Steven", "no, Stephen with a p h", "Stephen"),
        ("Dan Miller", "we want a crm with a phone", None),
        ("Dan Miller", "I've had a talk with a colleague", None),
        ("Dan Miller", "about 20 a b c customers", None),
    ],
)
def test_a_name_is_put_right_by_its_letters(known: str, said: str, meant: str | None) -> None:
    assert corrected_name(known, said) == meant


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("J-O-N Smyth", "Jon Smyth"),
        ("it's Jon, J-O-N, Smyth", "Jon Smyth"),
        ("Siobhan, that's S-I-O-B-H-A-N", "Siobhan"),
    ],
)
def test_a_name_that_is_spelled_is_written_as_a_word(said: str, name: str) -> None:
    assert find_name(said, asked=True) == name


def test_a_company_is_put_right_too() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("hi this is John Smith from Akme", "Acme with a c")
    assert talk.state.facts.company == "Acme"
    assert talk.state.facts.name == "John Smith"


def test_a_corrected_name_is_the_one_booked() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(
        "book a demo please", "the first one", "John Smith", "no, it's J-O-N Smyth with a y", "jon@smyth.org", "yes"
    )
    assert json.loads(talk.called("book_meeting")[0].arguments)["name"] == "Jon Smyth"


@pytest.mark.parametrize(
    "said", ["hmm no sorry I need to cancel altogether", "I have to cancel completely", "we need to cancel after all"]
)
def test_a_meeting_is_cancelled_altogether(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("book a demo please", "the first one", "Priya Raman", "priya@raman.com", "yes")
    talk.say(said)
    assert talk.called("cancel_meeting")


@pytest.mark.parametrize("said", ["yes is correct", "is right", "yes it is", "is correct yes"])
def test_a_yes_without_its_pronoun_confirms(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("book a demo please", "the first one", "Rodrigo Diaz", "rodrigo at diaz dot com")
    talk.say(said)
    assert talk.called("book_meeting")


def test_who_says_good_bye_to_an_address_read_back_twice_keeps_the_meeting() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("book a demo please", "the first one", "Rodrigo Diaz", "rodrigo at diaz dot com", "what does it cost?")
    talk.say("thank you bye")
    assert talk.called("book_meeting")
