"""Who belongs together, where people have several addresses and numbers and share some."""

from uuid import UUID

import pytest

from storage.erasure.person import Ambiguous, Person, Subject, Trace, begun, check_one, joined, of_theirs_alone

LEAD = UUID(int=1)
OFFICE = "office@x.example"


def contact(id_: str, email: str, *further: str, name: str | None = None, phones: tuple[str, ...] = ()) -> Trace:
    return Trace("contact", id_, None, email, None, name, further, phones)


ADA = contact("ada", "ada@x.example", "ada@home.example", OFFICE, name="Ada Byron", phones=("+14155550132",))
BOB = contact("bob", "bob@x.example", OFFICE, name="Bob Stone")
LEAD_OF_ADA = Trace("lead", str(LEAD), LEAD, "ada@home.example", None, "ada  byron")


def found(subject: Subject, *traces: Trace) -> Person:
    check_one(subject, traces)
    person = begun(subject)
    for _ in range(3):
        person = joined(person, traces)
    return of_theirs_alone(person, traces)


@pytest.mark.parametrize(
    "subject", [Subject(email="ada@x.example"), Subject(email="ada@home.example"), Subject(lead_id=LEAD)]
)
def test_a_second_address_leads_to_all_that_is_theirs_and_to_nothing_of_others(subject: Subject) -> None:
    person = found(subject, LEAD_OF_ADA, ADA, BOB)
    assert (person.leads, person.contacts) == ((LEAD,), ("ada",))
    assert person.emails == ("ada@home.example", "ada@x.example"), "an office's address tells of others too"
    assert person.phones == ("+14155550132",)


def test_a_further_number_is_theirs() -> None:
    assert found(Subject(phone="+14155550132"), ADA, BOB).contacts == ("ada",)


def test_an_address_that_several_have_beside_their_first_names_none_of_them() -> None:
    with pytest.raises(Ambiguous) as refused:
        check_one(Subject(email=OFFICE), [ADA, BOB])
    assert refused.value.emails == ("ada@x.example", "bob@x.example")
    assert found(Subject(email=OFFICE), ADA).contacts == ("ada",)
