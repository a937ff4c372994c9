"""Further addresses and numbers: the merge of what each side has of them, and who is known by one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.contact import ContactFields, RemoteContact
from crm.sync import merge
from crm.sync.editing import edited
from crm.sync.further import all_of, knowing, news
from crm.sync.same_person import is_same, same_people
from crm.sync.settling import settled
from storage.crm.conflicts import ConflictRow
from storage.crm.contacts import ContactRow

NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(hours=2), NOW - timedelta(hours=1)


def row(*emails: str, base: tuple[str, ...] | None = None, **fields: Any) -> ContactRow:
    """With these addresses, the first one first; ``base``: those both sides last agreed on."""
    first, *others = emails or (None,)
    known = emails if base is None else base
    agreed = {"email": known[0] if known else None, "further_emails": sorted(known[1:]), "further_phones": []}
    given = {name: fields.pop(name) for name in ("phone", "further_phones", "base_phone") if name in fields}
    agreed["phone"] = given.pop("base_phone", given.get("phone"))
    values: dict[str, Any] = {"id": "contact_1", "reference": "contact_1", "external_id": "cont_1"} | fields
    return ContactRow(
        crm_platform="close",
        email=first,
        further_emails=tuple(sorted(filter(None, others))),
        base=agreed,
        created_at=EARLIER,
        updated_at=EARLIER,
        **values,
        **given,
    )


def remote(*emails: str, phones: tuple[str, ...] = (), **fields: Any) -> RemoteContact:
    first, phone = next(iter(emails), None), next(iter(phones), None)
    shown = ContactFields(
        email=first,
        phone=phone,
        further_emails=tuple(sorted(emails[1:])),
        further_phones=tuple(sorted(phones[1:])),
        **fields,
    )
    return RemoteContact("close", "cont_1", shown, updated_at=LATER, parent_id="lead_1")


def merged(mine: ContactRow, theirs: RemoteContact) -> merge.Merged:
    return merge.merge(mine, theirs, now=NOW)


def test_a_second_address_there_is_taken_in_with_what_it_is_for() -> None:
    found = merged(row("a@x.example"), remote("a@x.example", "b@x.example", address_types={"b@x.example": "home"}))
    assert found.row.further_emails == ("b@x.example",)
    assert found.row.address_types == {"b@x.example": "home"}
    assert found.changed and not found.sends


def test_a_second_address_here_is_sent_with_those_that_are_there() -> None:
    mine = row("a@x.example", "b@x.example", base=("a@x.example",))
    found = merged(mine, remote("a@x.example", "c@x.example"))
    assert found.row.further_emails == ("b@x.example", "c@x.example")
    assert found.to_send.further_emails == ("b@x.example", "c@x.example")
    assert found.to_send.email is None


def test_what_one_side_took_off_goes_on_the_other() -> None:
    both = ("a@x.example", "b@x.example")
    here = merged(row("a@x.example", base=both), remote(*both))
    assert (here.row.further_emails, here.to_send.further_emails) == ((), ())
    there = merged(row(*both), remote("a@x.example"))
    assert (there.row.further_emails, there.sends) == ((), False)


def test_of_a_contact_last_seen_without_its_lists_nothing_counts_as_taken_off() -> None:
    """Its first address was changed here before the server kept the others."""
    mine = row("new@x.example", base=("a@x.example",))
    mine = msgspec.structs.replace(mine, base={"email": "a@x.example"})
    found = merged(mine, remote("a@x.example", "b@x.example"))
    assert found.row.further_emails == ("a@x.example", "b@x.example")
    assert found.to_send.email == "new@x.example"
    assert found.to_send.further_emails == ("a@x.example", "b@x.example")


def test_another_first_address_keeps_the_one_before_beside_it() -> None:
    mine = edited(row("a@x.example", "b@x.example"), {"email": "c@x.example"}, now=NOW)
    assert (mine.email, mine.further_emails) == ("c@x.example", ("a@x.example", "b@x.example"))
    found = merged(mine, remote("a@x.example", "b@x.example"))
    assert found.to_send.email == "c@x.example"
    assert found.to_send.further_emails == ("a@x.example", "b@x.example")


def test_taking_the_first_off_puts_another_in_its_place() -> None:
    mine = edited(row("a@x.example", "b@x.example"), {"email": None}, now=NOW)
    assert (mine.email, mine.further_emails) == ("b@x.example", ())
    found = merged(mine, remote("a@x.example", "b@x.example"))
    assert (found.to_send.email, found.to_send.further_emails) == ("b@x.example", ())


def test_a_list_emptied_there_takes_nothing_off_here_until_somebody_says_so() -> None:
    found = merged(row("a@x.example", "b@x.example"), remote())
    assert (found.row.email, found.row.further_emails) == ("a@x.example", ("b@x.example",))
    assert not found.sends
    (asked,) = found.differences
    question = conflict(asked)
    ours = settled(found.row, question, "local", None, waits=False, now=NOW)
    back = merged(ours, remote())
    assert (back.to_send.email, back.to_send.further_emails) == ("a@x.example", ("b@x.example",))
    theirs = settled(found.row, question, "remote", None, waits=False, now=NOW)
    assert (theirs.email, theirs.further_emails) == (None, ())
    assert not merged(theirs, remote()).sends


def test_a_list_emptied_here_comes_back_whole_when_somebody_says_so() -> None:
    mine = edited(row("a@x.example", "b@x.example"), {"email": None, "further_emails": []}, now=NOW)
    theirs = remote("a@x.example", "b@x.example")
    found = merged(mine, theirs)
    assert (found.row.email, found.row.further_emails, found.sends) == (None, (), False)
    (asked,) = found.differences
    again = merged(settled(found.row, conflict(asked), "remote", None, waits=False, now=NOW), theirs)
    assert (again.row.email, again.row.further_emails, again.sends) == ("a@x.example", ("b@x.example",), False)


@pytest.mark.parametrize("asked", [True, False])
def test_a_number_that_follows_an_emptied_one_takes_none_of_theirs_off(asked: bool) -> None:
    theirs = remote("a@x.example", phones=("+15415550100", "+15415550111"))
    mine = row("a@x.example", phone="+15415550100", further_phones=("+15415550111",))
    mine = msgspec.structs.replace(mine, base=mine.base | {"further_phones": ["+15415550111"]})
    mine = edited(mine, {"phone": None, "further_phones": []}, now=NOW)
    mine = merged(mine, theirs).row if asked else mine
    found = merged(edited(mine, {"phone": "+15415550122"}, now=NOW), theirs)
    assert found.to_send.phone == "+15415550122"
    assert found.to_send.further_phones == ("+15415550100", "+15415550111")
    assert found.row.further_phones == ("+15415550100", "+15415550111")


def test_a_first_number_they_refuse_takes_none_of_theirs_off() -> None:
    mine = row(
        "a@x.example",
        phone="ask reception",
        base_phone="+15415550100",
        further_phones=(),
        refused={"phone": "ask reception"},
    )
    found = merged(mine, remote("a@x.example", phones=("+15415550100",)))
    assert (found.row.phone, found.row.further_phones) == ("ask reception", ("+15415550100",))
    assert not found.sends


def test_an_address_taken_off_after_an_unanswered_write_stays_off() -> None:
    """It was being written, is there, and nobody told us so."""
    wanted = {"further_emails": ["b@x.example"]}
    mine = row("a@x.example", base=("a@x.example",), writing=wanted)
    found = merged(mine, remote("a@x.example", "b@x.example"))
    assert (found.row.further_emails, found.to_send.further_emails) == ((), ())


def test_a_write_that_has_come_back_is_through() -> None:
    """What it set and somebody took back over there, and set again, is their edit and not our write."""
    mine = row("a@x.example", "b@x.example", base=("a@x.example",), title="CTO")
    mine = msgspec.structs.replace(
        mine, base=mine.base | {"title": "CEO"}, writing={"title": "CTO", "further_emails": ["b@x.example"]}
    )
    came = merged(mine, remote("a@x.example", "b@x.example", title="CTO")).row
    assert came.writing == {}
    gone = merged(came, remote("a@x.example", title="VP")).row
    back = merged(gone, remote("a@x.example", "b@x.example", title="CTO"))
    assert (back.row.title, back.row.further_emails, back.sends) == ("CTO", ("b@x.example",), False)


def test_an_edit_there_of_a_contact_deleted_here_counts_when_it_is_a_second_address() -> None:
    mine = row("a@x.example", deleted_at=EARLIER, deleted_by="local")
    found = merge.meet_deleted(mine, remote("a@x.example", "b@x.example"), now=NOW)
    assert found.row.deleted_at is None
    assert found.row.further_emails == ("b@x.example",)
    assert found.differences[-1].remote == {"further_emails": ("b@x.example",)}


def test_a_second_address_that_never_got_there_is_flagged_when_the_record_is_gone() -> None:
    (found,) = merge.gone(row("a@x.example", "b@x.example", base=("a@x.example",)), now=NOW).differences
    assert found.local == {"further_emails": ("b@x.example",)}


def test_what_is_learned_is_added_and_replaces_nothing() -> None:
    known = row("a@x.example", phone="+15415550100", refused={"further_emails": ["no@x.example"]})
    learned = ContactFields(
        email="b@x.example", further_emails=("a@x.example", "no@x.example"), further_phones=("+15415550111",)
    )
    after = knowing(known, learned)
    assert (after.email, after.further_emails) == ("a@x.example", ("b@x.example",))
    assert (after.phone, after.further_phones) == ("+15415550100", ("+15415550111",))
    assert knowing(row(), learned).email == "a@x.example"
    with_one = knowing(row("a@x.example", refused={"email": "no@x.example"}), learned)
    assert (with_one.email, with_one.further_emails) == ("a@x.example", ("b@x.example", "no@x.example"))
    emptied = knowing(row(refused={"email": None}), learned)
    assert (emptied.email, emptied.further_emails) == (None, ()), "on purpose"


def test_what_both_know_is_no_news() -> None:
    both = row("a@x.example", "b@x.example")
    assert news(both, remote("a@x.example", "b@x.example").fields) == {}
    assert news(both, remote("a@x.example").fields) == {}
    added = remote("a@x.example", "b@x.example", "c@x.example").fields
    assert news(both, added) == {"further_emails": ("b@x.example", "c@x.example")}


def test_what_was_taken_off_there_before_our_creation_was_heard_of_is_taken_off_here() -> None:
    writing = {"email": "a@x.example", "further_emails": ["b@x.example"], "further_phones": []}
    tried = row("a@x.example", "b@x.example", base=(), external_id=None, create_tried_at=EARLIER, writing=writing)
    found = merged(tried, remote("a@x.example"))
    assert (found.row.further_emails, found.sends) == ((), False)


def test_who_is_the_same_person() -> None:
    ada = row("a@x.example", "office@x.example", first_name="Ada", last_name="Lovelace")
    named = {"first_name": "Ada", "last_name": "Lovelace"}
    bob = {"first_name": "Bob", "last_name": "Stone"}
    assert is_same(ada, ContactFields(email="a@x.example", **bob))
    assert is_same(ada, ContactFields(email="office@x.example", **named))
    assert is_same(ada, ContactFields(email="office@x.example"))
    assert not is_same(ada, ContactFields(email="office@x.example", **bob))
    assert not is_same(ada, ContactFields(email="c@x.example", further_emails=("office@x.example",), **named))
    assert is_same(ada, ContactFields(email="c@x.example", further_emails=("a@x.example",), **named))
    nameless = ContactFields(email="c@x.example", further_emails=("a@x.example",))
    assert is_same(ada, nameless)
    assert not is_same(row(**named), ContactFields(**named)), "a name is nobody's alone"


def test_each_is_one_person_at_most_and_nobody_without_an_address() -> None:
    people = [row("a@x.example", id="a"), row(id="nameless")]
    shown = {"cont_1": ContactFields(email="a@x.example"), "cont_2": ContactFields(email="a@x.example")}
    assert same_people(shown, people) == {"cont_1": people[0]}
    assert same_people({"cont_3": ContactFields(first_name="Ada")}, people) == {}


def test_an_address_that_several_have_beside_their_first_names_none_of_them() -> None:
    people = [row(f"{name}@x.example", "office@x.example", id=name) for name in ("a", "b")]
    assert same_people({"cont_1": ContactFields(email="office@x.example")}, people) == {}
    assert same_people({"cont_1": ContactFields(email="office@x.example")}, people[:1]) == {"cont_1": people[0]}


ADDRESS = st.sampled_from([f"{name}@x.example" for name in "abcde"])
EMAILS = st.lists(ADDRESS, max_size=4, unique=True).map(tuple)


@given(base=EMAILS, ours=EMAILS, theirs=EMAILS)
def test_any_two_sides_come_to_be_equal_by_one_write(
    base: tuple[str, ...], ours: tuple[str, ...], theirs: tuple[str, ...]
) -> None:
    """Or are left apart, where one has none. Nothing goes but what a side took off, and nothing is written twice."""
    mine = row(*ours, base=base)
    shown = remote(*theirs)
    found = merged(mine, shown)
    if found.sends:
        sent = found.to_send
        others = sent.further_emails if sent.further_emails is not None else shown.fields.further_emails
        shown = remote(sent.email or theirs[0], *(others or ()))
    done = merge.written(found.row, found.to_send, shown, now=NOW).row if found.sends else found.row
    again = merged(done, shown)
    assert not again.sends
    assert again.row.email == found.row.email
    if ours and theirs:
        kept = all_of(again.row, "email")
        assert kept == all_of(shown.fields, "email")
        assert kept >= ({*ours} - {*base}) | ({*theirs} - {*base}) | ({*ours} & {*theirs})
    else:
        assert all_of(again.row, "email") >= {*ours}
        assert all_of(shown.fields, "email") >= {*theirs}


def conflict(found: merge.Difference) -> ConflictRow:
    return ConflictRow(
        id="conflict_1",
        platform="close",
        contact_id="contact_1",
        field=found.field,
        kind=found.kind,
        base_value=found.base,
        local_value=found.local,
        remote_value=found.remote,
        local_at=None,
        remote_at=None,
        winner=found.winner,
        critical=found.critical,
        state="open",
        resolution=None,
        created_at=NOW,
        resolved_at=None,
    )
