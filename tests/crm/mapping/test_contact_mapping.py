"""Names, addresses, numbers, links; and Close's contacts in both directions."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.close.records import Contact, Email, Phone, Url
from crm.contact import CONTACT_FIELDS, ContactFields
from crm.http import members
from crm.mapping import close, linkedin_url, names
from crm.mapping.close import CloseMapping
from storage import email_address, phone_number

MAPPING = CloseMapping(custom_fields={"seniority": "cf_1"}, reference_field="cf_ref")


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [
        ("Jane Doe", "Jane", "Doe"),
        ("Mary Ann Smith", "Mary Ann", "Smith"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("Charles de la Tour", "Charles", "de la Tour"),
        ("Van Morrison", "Van", "Morrison"),
        ("  Cher ", "Cher", None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_full_names_are_divided(full: str | None, first: str | None, last: str | None) -> None:
    assert names.split(full) == (first, last)


NAME = st.one_of(st.none(), st.text("Aa -é", max_size=12).map(names.tidy))


@given(NAME, NAME)
def test_a_name_that_went_to_close_and_back_is_the_same(first: str | None, last: str | None) -> None:
    assert names.split_as_known(names.joined(first, last), first, last) == (first, last)


@given(st.text(max_size=40))
def test_dividing_loses_no_word(full: str) -> None:
    assert names.joined(*names.split(full)) == names.tidy(full)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Jane@ACME.example ", "jane@acme.example"),
        ("mailto:jane@acme.example", "jane@acme.example"),
        ("jane.o'neil+x@mail.acme.example", "jane.o'neil+x@mail.acme.example"),
        ("jané@acmé.example", "jané@acmé.example"),
        ("jane@acme", None),
        ("jane@@acme.example", None),
        ("jane doe@acme.example", None),
        ("Jane <jane@acme.example>", None),
        ("j" * 250 + "@acme.example", None),
        ("", None),
        (None, None),
    ],
)
def test_addresses(text: str | None, expected: str | None) -> None:
    assert email_address.normalised(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(541) 555-0100", "+15415550100"),
        ("1-541-555-0100", "+15415550100"),
        ("+1 541.555.0100", "+15415550100"),
        ("+15551234567", "+15551234567"),
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("0049 30 901820", "+4930901820"),
        ("tel:+4930901820", "+4930901820"),
        ("+39 06 698", "+3906698"),
        ("555-0100", None),
        ("+1 141 555 0100", None),
        ("541-555-0100 x89", None),
        ("reception", None),
        ("٠١٢٣٤٥٦٧٨٩", None),
        ("", None),
        (None, None),
    ],
)
def test_numbers(text: str | None, expected: str | None) -> None:
    assert phone_number.normalised(text) == expected


def test_numbers_of_another_country() -> None:
    assert phone_number.normalised("030 901820", default_country_code="49") == "+4930901820"
    assert phone_number.normalised("8 912 345-67-89", default_country_code="7") == "+79123456789"
    assert phone_number.normalised_or_text(" ask  Jane ") == "ask Jane"


@given(st.text(max_size=30))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    for normalise in (email_address.normalised, phone_number.normalised, linkedin_url.normalised):
        once = normalise(text)
        assert once is None or normalise(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://de.linkedin.com/in/Jane-Doe/?trk=x", "https://www.linkedin.com/in/jane-doe"),
        ("linkedin.com/in/jos%C3%A9", "https://www.linkedin.com/in/jos%C3%A9"),
        ("http://www.linkedin.com/in/jane/details/experience", "https://www.linkedin.com/in/jane"),
        ("https://www.linkedin.com/company/acme", None),
        ("https://evil.example/linkedin.com/in/jane", None),
        ("https://linkedin.com.evil.example/in/jane", None),
        ("", None),
        (None, None),
        ("https://www.linkedin.com/in/%2e%2e/", None),
    ],
)
def test_links(text: str | None, expected: str | None) -> None:
    assert linkedin_url.normalised(text) == expected


CONTACT = Contact(
    id="cont_1",
    lead_id="lead_1",
    name="Jane Doe",
    title="VP",
    emails=(Email("Jane@acme.example", "home"), Email("jane@old.example")),
    phones=(Phone("+15415550100", "mobile"), Phone("+15415550111")),
    urls=(Url("https://acme.example"), Url("https://linkedin.com/in/Jane")),
    custom={"cf_1": "vp", "cf_ref": "ref-1"},
)
FIELDS = ContactFields(
    email="jane@acme.example",
    first_name="Jane",
    last_name="Doe",
    company="Acme",
    title="VP",
    phone="+15415550100",
    linkedin_url="https://www.linkedin.com/in/jane",
    further_emails=("jane@old.example",),
    further_phones=("+15415550111",),
    address_types={
        "jane@acme.example": "home",
        "jane@old.example": "office",
        "+15415550100": "mobile",
        "+15415550111": "office",
    },
    enrichment_data={"seniority": "vp"},
)


def test_closes_contact_in_our_terms() -> None:
    seen = close.remote(CONTACT, "Acme", MAPPING)
    assert (seen.fields, seen.reference, seen.parent_id) == (FIELDS, "ref-1", "lead_1")


def test_a_change_puts_the_new_value_first_and_keeps_the_others() -> None:
    draft, _ = close.changes(CONTACT, ContactFields(email="jane@old.example", phone="541 555 0122"), MAPPING)
    assert members(draft) == {
        "emails": (Email("jane@old.example"), Email("Jane@acme.example", "home")),
        "phones": (Phone("+15415550122"), Phone("+15415550100", "mobile"), Phone("+15415550111")),
    }


def test_further_ones_are_all_there_is_beside_the_first_and_what_cannot_be_read_stays() -> None:
    unread = Email("ask the assistant", "other")
    current = msgspec.structs.replace(CONTACT, emails=(*CONTACT.emails, unread))
    wanted = ContactFields(
        further_emails=("jane@home.example",),
        further_phones=("+15415550111", "+15415550133"),
        address_types={"jane@home.example": "home"},
    )
    draft, _ = close.changes(current, wanted, MAPPING)
    assert members(draft) == {
        "emails": (Email("Jane@acme.example", "home"), unread, Email("jane@home.example", "home")),
        "phones": (*CONTACT.phones, Phone("+15415550133")),
    }


def test_a_first_number_that_close_does_not_take_leaves_theirs_the_first() -> None:
    wanted = ContactFields(phone="ask reception", further_phones=("+15415550111",))
    draft, _ = close.changes(CONTACT, wanted, MAPPING)
    assert members(draft) == {}
    draft, _ = close.changes(CONTACT, msgspec.structs.replace(wanted, further_phones=("+15415550133",)), MAPPING)
    assert members(draft) == {"phones": (CONTACT.phones[0], Phone("+15415550133"))}


def test_what_shows_of_a_new_contact_is_what_was_taken() -> None:
    new = ContactFields(
        email="a@b.example",
        phone="ask reception",
        further_emails=("c@b.example",),
        further_phones=("+15415550111", "+15415550133"),
    )
    draft, _ = close.draft(new, MAPPING)
    shown = close.fields(
        msgspec.convert({"id": "cont_2", **members(draft)}, Contact, from_attributes=True), None, MAPPING
    )
    taken = close.taken(new, MAPPING)
    assert (shown.phone, shown.further_emails, shown.further_phones) == (
        "+15415550111",
        ("c@b.example",),
        ("+15415550133",),
    )
    assert (taken.phone, taken.further_emails, taken.further_phones) == (
        shown.phone,
        shown.further_emails,
        shown.further_phones,
    )


def test_half_a_name_changes_half_of_it() -> None:
    draft, _ = close.changes(CONTACT, ContactFields(last_name="Dorn"), MAPPING)
    assert members(draft) == {"name": "Jane Dorn"}


def test_what_we_do_not_know_is_never_blanked() -> None:
    for nothing in (ContactFields(), ContactFields(**dict.fromkeys(CONTACT_FIELDS, ""))):
        assert close.is_empty(*close.changes(CONTACT, nothing, MAPPING))


def test_the_same_again_changes_nothing() -> None:
    assert close.is_empty(*close.changes(CONTACT, FIELDS, MAPPING))


TEXT = st.one_of(st.none(), st.text("ab ", max_size=6).map(names.tidy))
ANY_FIELDS = st.builds(
    ContactFields,
    email=st.one_of(st.none(), st.sampled_from(["a@x.example", "b@x.example", "c@x.example"])),
    first_name=TEXT,
    last_name=TEXT,
    title=TEXT,
    phone=st.one_of(st.none(), st.sampled_from(["+15415550100", "+15415550111", "+442079460000"])),
    linkedin_url=st.one_of(st.none(), st.sampled_from(["https://www.linkedin.com/in/abc"])),
)


@given(ANY_FIELDS, ANY_FIELDS)
def test_after_a_change_close_shows_what_was_wanted_and_keeps_the_rest(
    before: ContactFields, wanted: ContactFields
) -> None:
    contact = applied(Contact(id="cont_1"), before)
    after = applied(contact, wanted, before)
    known = ContactFields(
        first_name=wanted.first_name or before.first_name, last_name=wanted.last_name or before.last_name
    )
    was = close.fields(contact, None, MAPPING, before)
    shown = close.fields(after, None, MAPPING, known)
    for name in ("email", "title", "phone", "linkedin_url"):
        assert getattr(shown, name) == (getattr(wanted, name) or getattr(was, name))
    assert {entry.email for entry in contact.emails} <= {entry.email for entry in after.emails}
    assert {entry.phone for entry in contact.phones} <= {entry.phone for entry in after.phones}
    assert (shown.first_name, shown.last_name) == (known.first_name, known.last_name)
    assert close.is_empty(*close.changes(after, shown, MAPPING, shown))


def applied(contact: Contact, wanted: ContactFields, known: ContactFields | None = None) -> Contact:
    """What Close makes of the update."""
    draft, _ = close.changes(contact, wanted, MAPPING, known)
    return msgspec.structs.replace(contact, **members(draft))
