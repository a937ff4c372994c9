"""The merge of one contact, field by field."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from crm.contact import CONTACT_FIELDS, ContactFields, RemoteContact
from crm.sync import merge
from storage.crm.contacts import ContactRow

NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(hours=2), NOW - timedelta(hours=1)


def row(base: dict[str, Any] | None = None, at: datetime = EARLIER, **fields: Any) -> ContactRow:
    values = {name: value for name, value in fields.items() if name in CONTACT_FIELDS}
    rest = {name: value for name, value in fields.items() if name not in CONTACT_FIELDS}
    return ContactRow(
        id="contact_1",
        crm_platform="close",
        reference="contact_1",
        external_id="cont_1",
        base=values if base is None else base,
        field_times=dict.fromkeys(values, at),
        created_at=EARLIER,
        updated_at=EARLIER,
        **values,
        **rest,
    )


def remote(at: datetime | None = LATER, **fields: Any) -> RemoteContact:
    return RemoteContact("close", "cont_1", ContactFields(**fields), updated_at=at, parent_id="lead_1")


def test_each_side_brings_its_own_change() -> None:
    mine = row(base={"title": "CEO", "phone": "+15415550100"}, title="CTO", phone="+15415550100")
    merged = merge.merge(mine, remote(title="CEO", phone="+15415550199"), now=NOW)
    assert (merged.row.title, merged.row.phone) == ("CTO", "+15415550199")
    assert merged.to_send == ContactFields(title="CTO")
    assert merged.differences == ()


def test_the_later_edit_wins_and_the_other_is_kept() -> None:
    for at, title, winner in ((LATER, "Theirs", "remote"), (EARLIER - timedelta(hours=1), "Ours", "local")):
        mine = row(base={"title": "Old"}, title="Ours")
        merged = merge.merge(mine, remote(at, title="Theirs"), now=NOW)
        (found,) = merged.differences
        assert merged.row.title == title
        assert (found.local, found.remote, found.base, found.winner) == ("Ours", "Theirs", "Old", winner)
        assert not found.critical
        assert (merged.to_send.title == "Ours") == (winner == "local")


def test_names_and_addresses_are_asked_about() -> None:
    mine = row(base={"email": "old@example.com"}, email="ours@example.com")
    (found,) = merge.merge(mine, remote(email="theirs@example.com"), now=NOW).differences
    assert found.critical


def test_the_clock_of_the_crm_is_allowed_for() -> None:
    mine = row(base={"title": "Old"}, title="Ours", at=NOW)
    ahead = remote(NOW + timedelta(minutes=4), title="Theirs")
    assert merge.merge(mine, ahead, now=NOW).row.title == "Theirs"
    assert merge.merge(mine, ahead, now=NOW, clock_offset_s=300.0).row.title == "Ours"


def test_a_decided_contradiction_is_not_one_again() -> None:
    mine = row(base={"title": "Old"}, title="Ours", at=NOW)
    first = merge.merge(mine, remote(title="Theirs"), now=NOW)
    again = merge.merge(first.row, remote(title="Theirs"), now=NOW)
    assert again.differences == ()
    assert again.to_send == ContactFields(title="Ours")


def test_nothing_is_ever_blanked() -> None:
    mine = row(title="CEO", phone="+15415550100")
    merged = merge.merge(mine, remote(phone="+15415550100"), now=NOW)
    assert merged.row.title == "CEO"
    assert not merged.sends, "what somebody emptied there is not filled in behind their back"
    (found,) = merged.differences
    assert (found.kind, found.local, found.remote, found.critical) == ("cleared", "CEO", None, True)


def test_our_own_write_is_known_again() -> None:
    mine = row(base={"title": "Old"}, title="Newest", writing={"title": "Newer"}, at=EARLIER)
    merged = merge.merge(mine, remote(NOW, title="Newer"), now=NOW)
    assert merged.differences == ()
    assert merged.row.title == "Newest"
    assert merged.to_send == ContactFields(title="Newest")


def test_a_name_keeps_its_parts() -> None:
    mine = row(first_name="Ludwig", last_name="van Beethoven der Junge")
    merged = merge.merge(mine, remote(first_name="Ludwig van Beethoven", last_name="der Junge"), now=NOW)
    assert (merged.row.first_name, merged.changed, merged.sends) == ("Ludwig", False, False)


def test_enrichment_of_both_sides_is_put_together() -> None:
    mine = row(enrichment_data={"apollo": {"seniority": "vp"}, "score": 7})
    merged = merge.merge(mine, remote(enrichment_data={"region": "West"}), now=NOW)
    assert merged.row.enrichment_data == {"apollo": {"seniority": "vp"}, "score": 7, "region": "West"}
    assert merged.to_send.enrichment_data == {"score": 7}


def test_a_refused_value_is_flagged_and_not_sent_again() -> None:
    mine = row(base={}, phone="extension 12")
    done = merge.written(mine, ContactFields(phone="extension 12"), remote(), now=NOW)
    assert [found.kind for found in done.differences] == ["refused"]
    assert not merge.merge(done.row, remote(), now=NOW).sends
    assert merge.merge(done.row, remote(phone="+15415550199"), now=NOW).row.phone == "+15415550199"


def test_an_edit_that_never_got_there_survives_the_deletion() -> None:
    mine = row(base={"title": "Old"}, title="New")
    merged = merge.gone(mine, now=NOW)
    assert (merged.row.deleted_by, merged.row.title) == ("remote", "New")
    assert merged.differences[0].local == {"title": "New"}
    assert merge.gone(merged.row, now=NOW) == merge.Merged(merged.row)


def test_an_edit_after_our_deletion_brings_the_contact_back() -> None:
    mine = row(title="Old", deleted_at=EARLIER, deleted_by="local")
    back = merge.meet_deleted(mine, remote(LATER, title="New"), now=NOW)
    assert (back.row.deleted_at, back.row.title) == (None, "New")
    assert [found.kind for found in back.differences] == ["deleted"]
    before = merge.meet_deleted(mine, remote(EARLIER - timedelta(hours=1), title="New"), now=NOW)
    assert before.row.deleted_at == EARLIER
    assert before.differences[0].remote == {"title": "New"}, "kept, though it goes"
    assert merge.meet_deleted(before.row, remote(EARLIER, title="New"), now=NOW).differences == ()


TEXTS = st.none() | st.sampled_from(["a", "b", "c"])
SIDES = st.fixed_dictionaries(dict.fromkeys(("email", "title", "phone", "company"), TEXTS))


@given(SIDES, SIDES, SIDES, st.sampled_from([EARLIER, LATER]), st.sampled_from([EARLIER, LATER]))
def test_writing_what_is_to_be_sent_makes_both_sides_equal(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], at: datetime, remote_at: datetime
) -> None:
    merged = merge.merge(row(base=base, at=at, **ours), remote(remote_at, **theirs), now=NOW)
    sent = {name: value for name, value in msgspec.structs.asdict(merged.to_send).items() if value}
    after = theirs | sent
    again = merge.merge(
        merge.written(merged.row, merged.to_send, remote(**after), now=NOW).row, remote(**after), now=NOW
    )
    assert not again.sends
    held = {found.field for found in again.differences}
    for name, mine in ours.items():
        assert getattr(again.row, name) == after[name] or name in held
        lost = {value for value in (mine, theirs[name]) if value is not None} - {getattr(again.row, name)}
        lost -= {base[name]}  # replaced by somebody who saw it
        flagged = {v for f in merged.differences for v in (f.local, f.remote) if f.field == name}
        assert lost <= flagged
