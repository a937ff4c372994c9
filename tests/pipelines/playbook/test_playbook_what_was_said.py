"""What an operator reads afterwards is what was said: other numbers, other people's money and small talk are no facts."""

import pytest
from playbook_talk import Talk

ASKED_SIZE = ("we miss too many calls",)
ASKED_BUDGET = (*ASKED_SIZE, "twenty people")
ASKED_AUTHORITY = (*ASKED_BUDGET, "500 a month")


def facts_after(*said: str) -> tuple[object, ...]:
    talk = Talk()
    talk.script(*said)
    facts = talk.state.facts
    return facts.team_size, facts.budget, facts.authority


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("we have been in business for thirty years", None),
        ("we're a bakery chain with six shops", None),
        ("can someone call me at extension 204", None),
        ("415 555 0132", None),
        ("in two weeks", None),
        ("we're twelve", 12),
        ("we're only three", 3),
        ("we are about six", 6),
        ("there's nine of us", 9),
        ("Rob with one b", None),
        ("she's 60 and doesn't like computers", None),
        ("it's fourteen", 14),
    ],
)
def test_the_size_of_the_team(said: str, size: int | None) -> None:
    assert facts_after(*ASKED_SIZE, said)[0] == size


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("we're 12 and we have about 400 a month", 12),
        ("we're 20, budget 2k, I decide", 20),
        ("you wanted to know our team size, it's 14", 14),
        ("we're 60 percent booked", None),
        ("we're at 60 a user today with Dialpad", None),
        ("we're 20 years old", None),
    ],
)
def test_the_size_of_the_team_unasked(said: str, size: int | None) -> None:
    assert facts_after(said)[0] == size


@pytest.mark.parametrize(
    ("said", "budget"),
    [
        ("there's me and my two sons and Brenda in the office", None),
        ("no I can't give you her email", None),
        ("I don't decide, that's Sandra who you just talked to", None),
        ("our receptionist costs 3000 a month", None),
        ("too thousand a month", "2,000 dollars a month"),
        ("no", "none yet"),
        ("we don't have one", "none yet"),
        ("about 400", "400 dollars"),
        ("I dunno maybe a grand", "1,000 dollars"),
        ("budget's like 100", "100 dollars"),
        ("call it 250 quid a month", "250 pounds a month"),
        ("the dentist decides", None),
    ],
)
def test_the_budget(said: str, budget: str | None) -> None:
    assert facts_after(*ASKED_BUDGET, said)[1] == budget


@pytest.mark.parametrize(
    ("said", "authority"),
    [
        ("I don't decide", "other"),
        ("I don't make the decisions", "other"),
        ("it's not my decision", "other"),
        ("I can't decide that alone", "shared"),
        ("I decide", "self"),
        ("my business partner and me", "shared"),
        ("I'm the one who decides", "self"),
        ("the dentist decides", "other"),
        ("my brother in law", "other"),
        ("I'd have to ask my husband", "other"),
    ],
)
def test_who_decides(said: str, authority: str) -> None:
    assert facts_after(*ASKED_AUTHORITY, said)[2] == authority


@pytest.mark.parametrize(
    "said",
    [
        "oh I'm fine, it's raining cats and dogs here in Manchester", "Dr. Chen's office", "415 555 0132 is my number",
        "ok go on", "let's meet next month", "I'm in California", "I'd like two meetings", "you already asked me that",
        "we have been in business for thirty years you know", "write me a poem about sales", "I told you already",
        "call me on my cell", "no thank you", "no wait it's actually Rob",
    ],
)  # fmt: skip
def test_what_is_no_need(said: str) -> None:
    talk = Talk()
    talk.script(said)
    assert talk.state.facts.need is None


@pytest.mark.parametrize(
    "said",
    [
        "we sell garden sheds and the phone never stops",
        "our phones ring all day",
        "missed calls mostly",
        "I'm losing leads",
    ],
)
def test_what_is_a_need(said: str) -> None:
    talk = Talk()
    talk.script(said)
    assert talk.state.facts.need is not None


@pytest.mark.parametrize(
    ("said", "name", "company"),
    [
        ("Hi, this is Anthony from procurement at Dunder Mifflin", "Anthony", "Dunder Mifflin"),
        ("Nina Alvarez from Sol Travel", "Nina Alvarez", "Sol Travel"),
        ("all of it under GDPR", None, None),
        ("it's under Pat Smith", "Pat Smith", None),
        ("finance at brightly dot io", None, None),
    ],
)
def test_who_and_where_from(said: str, name: str | None, company: str | None) -> None:
    talk = Talk()
    talk.script(said)
    assert (talk.state.facts.name, talk.state.facts.company) == (name, company)


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("piotr nowak at firma dot pl", "piotrnowak@firma.pl"),
        ("ana at loja dot com dot br", "ana@loja.com.br"),
        ("sven at bolag dot dk", "sven@bolag.dk"),
        ("it's kim at shop dot co dot nz", "kim@shop.co.nz"),
        ("brad at ironhouse dot fit", "brad@ironhouse.fit"),
    ],
)
def test_addresses_of_other_countries(said: str, address: str) -> None:
    talk = Talk()
    talk.script("I'd like to book a demo", "tuesday at ten", "Jane", said)
    assert talk.state.facts.email == address


@pytest.mark.parametrize(
    ("said", "timing"),
    [
        ("around easter", "around Easter"),
        ("end of year", "end of year"),
        ("like yesterday", "yesterday"),
        ("after new years", "after New years"),
    ],
)
def test_by_when(said: str, timing: str) -> None:
    talk = Talk()
    talk.script(*ASKED_AUTHORITY, "I decide", said)
    assert talk.state.facts.timing == timing


def test_an_address_that_is_spelled_once_more_is_no_refusal() -> None:
    talk = Talk()
    talk.script("I'd like to book a demo", "tuesday at ten", "Brad", "brad at ironhouse dot something")
    talk.say("no, i r o n house")
    assert talk.state.asked.expecting == "email"


@pytest.mark.parametrize(
    ("said", "budget"),
    [
        ("budget wise I guess two to three hundred", "300 dollars"),
        ("the budget's around fifteen hundred", "1,500 dollars"),
        ("the budget meeting is at ten", None),
        ("we have a budget for twelve people", None),
    ],
)
def test_a_budget_told_unasked(said: str, budget: str | None) -> None:
    size, told, _ = facts_after(*ASKED_SIZE, said)
    assert told == budget
    assert size == (12 if "twelve people" in said else None)
