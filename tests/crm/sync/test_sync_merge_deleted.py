"""The merge where a side deleted, emptied or never answered: what is kept, who wins, and what somebody is asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.contact import CONTACT_FIELDS, ContactFields, RemoteContact
from crm.sync import merge
from storage.crm.contacts import ContactRow

NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=2)
CLOCK_AHEAD_S = 300.0


def row(base: dict[str, Any], **fields: Any) -> ContactRow:
    made: dict[str, Any] = {"external_id": "cont_1", "field_times": dict.fromkeys(base, EARLIER), **fields}
    return ContactRow(
        id="contact_1",
        crm_platform="close",
        reference="contact_1",
        base=base,
        created_at=EARLIER,
        updated_at=EARLIER,
        **made,
    )


def remote(at: datetime | None, **fields: Any) -> RemoteContact:
    return RemoteContact("close", "cont_1", ContactFields(**fields), updated_at=at, parent_id="lead_1")


@pytest.mark.parametrize("name", CONTACT_FIELDS)
def test_who_somebody_is_and_how_they_are_reached_is_asked_about_and_nothing_else(name: str) -> None:
    mine = row({name: "old"}, **{name: "ours"})
    (found,) = merge.merge(mine, remote(NOW, **{name: "theirs"}), now=NOW).differences
    assert found.critical == (name in ("email", "first_name", "last_name"))
    assert (found.local_at, found.remote_at) == (EARLIER, NOW)


def test_of_edits_in_the_same_moment_theirs_wins() -> None:
    mine = row({"title": "Old"}, title="Ours")
    assert merge.merge(mine, remote(EARLIER, title="Theirs"), now=NOW).row.title == "Theirs"


def test_what_is_taken_over_is_as_old_as_it_is_there() -> None:
    merged = merge.merge(row({"title": "Old"}, title="Old"), remote(EARLIER, title="New"), now=NOW)
    assert merged.changed
    assert merged.row.field_times == {"title": EARLIER}
    assert (merged.row.updated_at, merged.row.last_synced_at) == (NOW, NOW)


def test_what_was_emptied_here_is_neither_filled_nor_emptied_there_and_somebody_decides() -> None:
    merged = merge.merge(row({"title": "CEO"}), remote(NOW, title="CEO"), now=NOW)
    assert (merged.row.title, merged.sends) == (None, False)
    assert [(found.kind, found.critical, found.remote_at) for found in merged.differences] == [("cleared", True, NOW)]


def test_what_somebody_changed_in_a_record_that_we_did_not_know_was_made_is_no_contradiction() -> None:
    mine = row({}, external_id=None, create_tried_at=EARLIER, title="Ours", writing={"title": "Ours"})
    merged = merge.merge(mine, remote(NOW, title="Theirs"), now=NOW)
    assert (merged.row.title, merged.row.external_id, merged.differences) == ("Theirs", "cont_1", ())


@pytest.mark.parametrize("title", ["Old", "New"])
def test_a_contact_whose_record_is_gone_is_deleted_and_edits_that_never_got_there_are_flagged(title: str) -> None:
    merged = merge.gone(row({"title": "Old"}, title=title), now=NOW)
    assert merged.changed
    assert (merged.row.deleted_at, merged.row.deleted_by, merged.row.last_synced_at) == (NOW, "remote", NOW)
    flagged = [(found.kind, found.critical, found.base, found.local) for found in merged.differences]
    assert flagged == ([] if title == "Old" else [("deleted", True, {"title": "Old"}, {"title": "New"})])


@pytest.mark.parametrize(("later_s", "comes_back"), [(CLOCK_AHEAD_S + 1.0, True), (CLOCK_AHEAD_S, False), (1.0, False)])
def test_their_edit_is_later_than_our_deletion_by_our_clock(later_s: float, comes_back: bool) -> None:
    mine = row({"title": "Old"}, title="Old", deleted_at=EARLIER, deleted_by="local")
    edited = remote(EARLIER + timedelta(seconds=later_s), title="New")
    merged = merge.meet_deleted(mine, edited, now=NOW, clock_offset_s=CLOCK_AHEAD_S)
    assert (merged.row.deleted_at is None) == (merged.row.deleted_by is None) == comes_back
    (found,) = merged.differences
    assert (found.winner, found.local_at, found.remote) == (
        "remote" if comes_back else "local",
        EARLIER,
        {"title": "New"},
    )


def test_what_they_deleted_and_brought_back_is_here_again() -> None:
    mine = row({"title": "Old"}, title="Old", deleted_at=EARLIER, deleted_by="remote")
    merged = merge.meet_deleted(mine, remote(NOW, title="Old"), now=NOW)
    assert (merged.row.deleted_at, merged.row.deleted_by, merged.differences) == (None, None, ())


def test_once_written_both_sides_agree_and_nothing_waits() -> None:
    mine = row({"title": "Old", "enrichment_data": {"a": 1}}, title="New", writing={"title": "New"})
    done = merge.written(mine, ContactFields(title="New", enrichment_data={"b": 2}), remote(NOW, title="New"), now=NOW)
    assert done.row.base == {"title": "New", "enrichment_data": {"a": 1, "b": 2}}
    assert (done.row.writing, done.row.parent_id, done.row.last_synced_at) == ({}, "lead_1", NOW)
    assert done.differences == ()
