"""Mistakes to plant in the sync, one at a time. Each breaks a promise, so whoever judges has to see it."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sync_histories import Histories
from sync_troubles import Faults, Kills

from crm.close.provider import CloseProvider
from crm.close.records import Email
from crm.contact import CONTACT_FIELDS, ContactFields, RemoteContact
from crm.mapping import close as mapping
from crm.provider import Provider
from crm.sync import cursors, echo, exporting, feed, further, importing, listing, merge
from crm.sync.activities import ActivitySender
from crm.sync.opportunity_sending import OpportunitySender
from crm.sync.run import Run
from storage.crm import inbox as crm_inbox
from storage.crm.contacts import ContactRow
from storage.erasure import crm_records
from storage.postgres.named_query import Query

Plant = Callable[[pytest.MonkeyPatch], None]


def feed_entries_are_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(feed, "call_for", _nothing)


def the_cursor_is_saved_before_the_rows(patch: pytest.MonkeyPatch) -> None:
    async def read_feed(run: Run, provider: Provider) -> None:
        state = await run.store.state.get(run.platform)
        page = await provider.changes(state.feed_cursor or provider.changes_from(run.now()))
        named = set(map(cursors.name_of, page.changes))
        async with run.writing() as transaction:
            new = await crm_inbox.note_events(transaction, run.platform, named, now=run.now())
            await feed.save_feed(transaction, run.platform, page.cursor, now=run.now())
        news = [change for change in page.changes if cursors.name_of(change) in new]
        async with run.writing() as transaction:
            await crm_inbox.call_for(transaction, run.platform, cursors.to_read(news), now=run.now())
            await feed.put_aliases(transaction, run.platform, cursors.aliases(page.changes))

    patch.setattr("crm.sync.phases.read_feed", read_feed)


def a_creation_is_not_waited_for_until_it_settles(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(exporting, "SETTLE_S", 0.0)


def an_own_write_is_not_known_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(echo, "agreed", lambda row, shown: {name: row.base.get(name) for name in CONTACT_FIELDS})


def an_unanswered_creation_is_made_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CloseProvider, "find_created", _nothing)


def an_unanswered_activity_is_entered_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ActivitySender, "find", _nothing)


def an_unanswered_deal_is_made_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OpportunitySender, "find", _nothing)


def a_contradiction_is_not_noted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(importing, "add_conflicts", _nothing)


def a_tombstone_is_ignored(patch: pytest.MonkeyPatch) -> None:
    def brought_back(row: ContactRow, remote: RemoteContact, **times: Any) -> merge.Merged:
        return merge.merge(msgspec.structs.replace(row, deleted_at=None, deleted_by=None), remote, **times)

    patch.setattr(merge, "meet_deleted", brought_back)


def a_deletion_of_ours_is_not_ordered_again_when_a_listing_meets_it(patch: pytest.MonkeyPatch) -> None:
    def met(run: Run, row: ContactRow, contact: RemoteContact) -> merge.Merged:
        return merge.meet_deleted(row, contact, now=run.now(), clock_offset_s=run.clock_offset_s or 0.0)

    patch.setattr(importing, "_met_deleted", met)


def a_partial_update_empties_another_field(patch: pytest.MonkeyPatch) -> None:
    changes = mapping.changes

    def emptying(*about: Any) -> Any:
        draft, custom = changes(*about)
        return msgspec.structs.replace(draft, phones=()) if draft.title else draft, custom

    patch.setattr(mapping, "changes", emptying)


def a_second_address_is_taken_away(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mapping, "_emails", lambda current, now, wanted: (Email(wanted.email or now.email or ""),))


def what_is_taken_off_comes_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(further, "agreed", lambda *_: frozenset())


def a_further_address_there_is_overlooked(patch: pytest.MonkeyPatch) -> None:
    merged = further.merged

    def ours_alone(row: ContactRow, name: str, shown: ContactFields, *about: Any, **sends: bool) -> Any:
        here = msgspec.structs.replace(shown, further_emails=row.further_emails, further_phones=row.further_phones)
        return merged(row, name, here, *about, **sends)

    patch.setattr(further, "merged", ours_alone)


def enrichment_of_one_side_is_dropped(patch: pytest.MonkeyPatch) -> None:
    def theirs_alone(row: ContactRow, shown: ContactFields, remote_at: object) -> tuple[Any, Any, Any]:
        return shown.enrichment_data, shown.enrichment_data, {}

    patch.setattr(merge, "_merge_enrichment", theirs_alone)


def an_answer_changes_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("crm.sync.edits.settled", lambda row, *_, **__: row)


def what_a_listing_did_not_come_by_is_left(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(listing, "call_for_unlisted", _nothing)


def the_record_of_somebody_erased_is_left(patch: pytest.MonkeyPatch) -> None:
    wanted = crm_records._SQL["erasure_contacts"]
    kept = wanted.sql.replace("erased = %(crm)s", "erased = 'keep'")
    assert kept != wanted.sql
    patch.setitem(crm_records._SQL, "erasure_contacts", Query(wanted.name, kept))


def notes_of_somebody_erased_are_left(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(crm_records._SQL, "erasure_outbox_remove", _NOTHING_DONE)


def who_was_erased_is_not_known_again(patch: pytest.MonkeyPatch) -> None:
    async def nobody(*_: Any) -> dict[str, Any]:
        return {}

    patch.setattr(importing, "_erased_before", nobody)


_NOTHING_DONE = Query("nothing_done", "DELETE FROM crm_outbox WHERE false")
_BACK = "somebody who was erased|an erasure touched others"
"""What brings somebody back, or takes somebody away, may show by an erasure before it shows by anything else."""
_UNEQUAL = f"do not hold the same contacts|is not the same on both sides|deals are as they stand|{_BACK}"

PLANTS: dict[Plant, tuple[type[Histories], str]] = {
    feed_entries_are_dropped: (Histories, _UNEQUAL),
    the_cursor_is_saved_before_the_rows: (Kills, _UNEQUAL),
    a_creation_is_not_waited_for_until_it_settles: (Faults, f"do not hold the same contacts|created twice|{_BACK}"),
    an_own_write_is_not_known_again: (Faults, "flagged what was no contradiction"),
    an_unanswered_creation_is_made_again: (Faults, f"do not hold the same contacts|created twice|{_BACK}"),
    an_unanswered_activity_is_entered_again: (Faults, "was entered [2-9] times"),
    an_unanswered_deal_is_made_again: (
        Faults,
        "deal was made [2-9] times|deals are as they stand",
    ),
    a_contradiction_is_not_noted: (Histories, f"{_UNEQUAL}|(lost|back) without a word"),
    a_tombstone_is_ignored: (Histories, f"is back without a word|{_BACK}"),
    a_deletion_of_ours_is_not_ordered_again_when_a_listing_meets_it: (Faults, _UNEQUAL),
    a_partial_update_empties_another_field: (Histories, f"{_UNEQUAL}|changed .*'phone'"),
    a_second_address_is_taken_away: (Histories, "second address was taken away|lost without a word"),
    what_is_taken_off_comes_back: (Histories, "what was taken off is back"),
    a_further_address_there_is_overlooked: (Histories, "further ones of (email|phone) are not the same"),
    enrichment_of_one_side_is_dropped: (Histories, f"enrichment data (is not the same|was lost)|{_BACK}"),
    an_answer_changes_nothing: (Histories, f"{_UNEQUAL}|lost without a word"),
    what_a_listing_did_not_come_by_is_left: (Histories, _UNEQUAL),
    the_record_of_somebody_erased_is_left: (Histories, "record of somebody who was erased"),
    notes_of_somebody_erased_are_left: (Histories, "note of somebody who was erased"),
    who_was_erased_is_not_known_again: (Histories, "somebody who was erased"),
}
"""Each mistake, the histories that may meet it, and the finding it has to be known by."""

FIRST_SEEDS: dict[Plant, int] = {
    a_creation_is_not_waited_for_until_it_settles: 7,
    an_unanswered_deal_is_made_again: 102,
    a_deletion_of_ours_is_not_ordered_again_when_a_listing_meets_it: 101,
}
"""Whose histories meet it sooner than the others', which come after."""


async def _nothing(*_: Any, **__: Any) -> None:
    return None
