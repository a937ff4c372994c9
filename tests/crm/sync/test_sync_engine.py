"""Contacts go both ways, and come to be the same on both sides."""

import asyncio
from collections.abc import Iterable

import pytest
from sync_world import SyncWorld, emptied, expire_lease

from crm.close import events, search
from crm.contact import CONTACT_FIELDS, ContactFields
from crm.http import Request, Response
from crm.sync import dead_letters, importing
from crm.sync.engine import SyncEngine
from crm.sync.further import all_of
from crm.sync.lease import Busy
from storage.crm.conflicts import add_conflicts
from storage.crm.contacts import ContactRow, lock_contact
from storage.crm.sync_state import LeaseLost
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import Query


async def test_first_import_takes_everything(sync: SyncWorld) -> None:
    for number in range(5):
        sync.make(f"Company {number}", name=f"Ada Number{number}", email=f"ada{number}@example.com", title="CEO")
    assert await sync.poll() == "completed"
    rows = (await sync.store.contacts.list()).items
    assert {row.email for row in rows} == {f"ada{number}@example.com" for number in range(5)}
    assert {row.crm_platform for row in rows} == {"close"}
    assert all(row.external_id and row.last_synced_at and row.first_name == "Ada" for row in rows)
    (run,) = (await sync.store.runs.list()).items
    assert (run.contacts_created, run.contacts_failed, run.status) == (5, 0, "completed")


async def test_a_comparison_writes_nobody_who_is_the_same(sync: SyncWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    sync.make("Acme", name="Ada Byron", email="ada@acme.example", further="ada@home.example", phone="+14155550132")
    sync.make("Stone", name="Bob", email="bob@stone.example")
    await sync.poll()
    sync.pass_time(60)
    written: list[str] = []

    async def saved(transaction: Transaction, rows: Iterable[ContactRow]) -> None:
        written.extend(row.id for row in rows)

    monkeypatch.setattr(importing, "save_contacts", saved)
    seen_at = {row.id: row.last_synced_at for row in (await sync.store.contacts.list()).items}
    assert await sync.poll(mode="full") == "completed"
    assert written == []
    assert all(row.last_synced_at != seen_at[row.id] for row in (await sync.store.contacts.list()).items)


async def test_how_far_a_comparison_is_counts_who_is_new_there(
    sync: SyncWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    sync.make("Company", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    sync.pass_time(60)
    for number in range(5):
        sync.make(f"Company {number}", name=f"Ada Number{number}", email=f"ada{number}@example.com")
    told = set()

    async def look(request: Request) -> None:
        (run,) = (await sync.store.runs.list(limit=1)).items
        if run.phase == "listing":
            told.add((run.contacts_processed, run.total))

    sync.transport.meanwhile = look
    await sync.poll(mode="full")
    assert {(2, 6), (4, 6)} <= told


async def test_a_new_contact_goes_there_once(sync: SyncWorld) -> None:
    await sync.edits.create(ContactFields(email="new@example.com", first_name="New", last_name="Person"))
    assert await sync.poll() == "completed"
    assert [fields.email for fields in sync.theirs().values()] == ["new@example.com"]
    before = len(sync.close.store.log.entries)
    sync.pass_time(10)
    assert await sync.poll() == "completed"
    assert len(sync.close.store.log.entries) == before, "nothing is written again"
    assert set(await sync.ours()) == set(sync.theirs())


async def test_edits_of_different_fields_both_hold(sync: SyncWorld) -> None:
    _, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com", title="Countess")
    await sync.poll()
    (row,) = (await sync.store.contacts.list()).items
    await sync.edits.edit(row.id, {"phone": "+15415550123"})
    sync.pass_time(1)
    sync.change(contact_id, title="Programmer")
    sync.pass_time(1)
    await sync.poll()
    (ours,) = (await sync.ours()).values()
    assert (ours["phone"], ours["title"]) == ("+15415550123", "Programmer")
    (theirs,) = sync.theirs().values()
    assert (theirs.phone, theirs.title) == ("+15415550123", "Programmer")
    assert (await sync.store.conflicts.list()).items == ()


async def test_a_creation_without_an_answer_is_found_again(sync: SyncWorld) -> None:
    faults = iter(["timeout_after"])
    sync.transport.choose = lambda request: (
        next(faults, None) if request.method == "POST" and request.url.endswith("/lead/") else None
    )
    await sync.edits.create(ContactFields(email="once@example.com", first_name="Only", last_name="Once"))
    await sync.poll()
    sync.pass_time(120)
    await sync.poll()
    assert len(sync.theirs()) == 1
    assert set(await sync.ours()) == set(sync.theirs())


async def test_a_person_known_on_both_sides_becomes_one(sync: SyncWorld) -> None:
    await sync.edits.create(ContactFields(email="ada@example.com", title="Countess"))
    sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    await sync.poll()
    ((external_id, ours),) = (await sync.ours()).items()
    assert (ours["first_name"], ours["title"]) == ("Ada", "Countess")
    assert sync.theirs()[external_id].title == "Countess"


async def test_a_contradiction_is_resolved_by_a_person(sync: SyncWorld) -> None:
    _, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    (row,) = (await sync.store.contacts.list()).items
    await sync.edits.edit(row.id, {"email": "ours@example.com"})
    sync.pass_time(5)
    sync.change(contact_id, email="theirs@example.com")
    await sync.poll()
    (conflict,) = (await sync.store.conflicts.list(state="open")).items
    assert (conflict.field, conflict.local_value, conflict.remote_value, conflict.winner) == (
        "email",
        "ours@example.com",
        "theirs@example.com",
        "remote",
    )
    await sync.edits.resolve(conflict.id, "local")
    assert await sync.edits.resolve(conflict.id, "local") is None
    sync.pass_time(5)
    await sync.poll()
    assert sync.theirs()[contact_id].email == "ours@example.com"
    assert (await sync.store.conflicts.list(state="open")).items == ()


async def test_an_emptied_field_waits_for_a_person(sync: SyncWorld) -> None:
    _, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com", phone="+15415550123")
    await sync.poll()
    sync.pass_time(5)
    sync.change(contact_id, phone="")
    await sync.poll()
    await sync.poll()
    (conflict,) = (await sync.store.conflicts.list(state="open")).items
    assert (conflict.kind, conflict.local_value) == ("cleared", "+15415550123")
    assert sync.theirs()[contact_id].phone is None
    await sync.edits.resolve(conflict.id, "remote")
    await sync.poll()
    (ours,) = (await sync.ours()).values()
    assert ours["phone"] is None
    assert (await sync.store.conflicts.list(state="open")).items == ()


async def test_a_person_decides_while_the_contact_is_read_again(sync: SyncWorld) -> None:
    _, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com", phone="+15415550123")
    await sync.poll()
    sync.pass_time(5)
    sync.change(contact_id, phone="")
    await sync.poll()
    (conflict,) = (await sync.store.conflicts.list(state="open")).items
    waiting = Query("waiting", "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
    async with asyncio.timeout(10):
        async with sync.store.database.transaction() as reading:
            await lock_contact(reading, conflict.contact_id)
            deciding = asyncio.create_task(sync.edits.resolve(conflict.id, "remote"))
            while not await sync.store.database.fetch_value(waiting):
                await asyncio.sleep(0.01)
            await add_conflicts(reading, [conflict])
        await deciding
    assert (await sync.store.conflicts.list(state="open")).items == ()


async def test_merged_leads_are_known_by_both_names(sync: SyncWorld) -> None:
    old, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    new, _ = sync.make("Acme Inc", name="Charles Babbage", email="charles@example.com")
    await sync.poll()
    sync.pass_time(5)
    sync.close.store.merge_leads(old, new)
    await sync.poll()
    (row,) = await sync.store.contacts.of_external_ids("close", [contact_id])
    assert (row.parent_id, row.deleted_at, row.company) == (new, None, "Acme Inc")
    assert await sync.store.contacts.current_name("close", old) == new


async def test_a_gap_too_old_for_the_feed_is_closed_by_a_full_listing(sync: SyncWorld) -> None:
    _, kept = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    _, lost = sync.make("Gone", name="Gone Soon", email="gone@example.com")
    await sync.poll()
    sync.pass_time(1)
    sync.close.store.delete_contact(lost)
    sync.change(kept, title="Countess")
    sync.pass_time(40 * 86400)
    assert await sync.poll() == "completed"
    assert set(await sync.ours()) == {kept}
    assert (await sync.ours())[kept]["title"] == "Countess"


async def poll_twice(sync: SyncWorld) -> None:
    """Where a parent went is looked up once more: Close's log may be late."""
    for _ in range(2):
        await sync.poll()
        sync.pass_time(60)


async def test_what_cannot_be_sent_becomes_a_dead_letter(sync: SyncWorld) -> None:
    await sync.edits.create(ContactFields(first_name="No", last_name="Address"))
    row = await sync.edits.create(ContactFields(first_name="Lost", last_name="Parent"), parent_id="lead_missing")
    await poll_twice(sync)
    (letter,) = (await sync.store.dead_letters.list(platform="close")).items
    assert letter.key.startswith("crm:dlq:close:")
    assert letter.payload["subject"] == row.id
    assert await dead_letters.replay(sync.store, letter.key, now=sync.now())
    assert not await dead_letters.discard(sync.store, letter.key, now=sync.now())
    await poll_twice(sync)
    again = (await sync.store.dead_letters.list(state="dead")).items
    assert len(again) == 1
    assert await dead_letters.discard(sync.store, again[0].key, now=sync.now())
    assert (await sync.store.dead_letters.list(state="dead")).items == ()


async def test_a_full_limit_of_one_kind_stalls_no_other(sync: SyncWorld) -> None:
    lead, _ = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    await sync.edits.create(ContactFields(email="new@example.com", first_name="New"))
    sync.pass_time(5)
    sync.close.store.update_lead(lead, {"name": "Acme Inc"})
    sync.transport.choose = lambda request: "rate_limit" if f"/lead/{lead}" in request.url else None
    assert await sync.poll() == "partial"
    assert "new@example.com" in {fields.email for fields in sync.theirs().values()}


async def test_only_one_worker_syncs_a_platform(sync: SyncWorld) -> None:
    assert await sync.store.state.take_lease("close", "another worker", 60)
    with pytest.raises(Busy):
        await sync.poll()
    await expire_lease(sync.plain)
    assert await sync.poll() == "completed"


async def test_a_worker_that_lost_its_lease_writes_nothing(sync: SyncWorld) -> None:
    sync.make("Acme", name="Ada Byron", email="ada@example.com")
    seen = []

    def taken_over(request: Request) -> None:
        if "search" in request.url and not seen:
            seen.append(request.url)
            taking.append(asyncio.ensure_future(take_over()))

    async def take_over() -> None:
        await expire_lease(sync.plain)
        assert await sync.store.state.take_lease("close", "another worker", 60)

    taking: list[asyncio.Future[None]] = []
    original = sync.transport._answer

    async def slow(request: Request) -> Response:
        if taking:
            await taking[0]
        return await original(request)

    sync.transport.choose = taken_over  # type: ignore[assignment]
    sync.transport._answer = slow  # type: ignore[method-assign]
    with pytest.raises(LeaseLost):
        await sync.poll()
    assert (await sync.store.contacts.list()).items == ()


async def test_stopping_leaves_the_rest_to_the_next_run(sync: SyncWorld) -> None:
    for number in range(3):
        sync.make(f"Company {number}", name=f"Ada Number{number}", email=f"ada{number}@example.com")
    stop = asyncio.Event()
    sync.engine = SyncEngine(sync.store, {"close": sync.provider}, now=sync.now, stop=stop)
    stop.set()
    assert await sync.poll() == "interrupted"
    (run,) = (await sync.store.runs.list()).items
    stop.clear()
    assert await sync.store.runs.orphans(stale=sync.now()) == (run.id,)
    assert await sync.engine.run(run.id) == "completed"
    assert len(await sync.ours()) == 3


async def test_filters_limit_an_import(sync: SyncWorld) -> None:
    sync.make("Acme", name="Ada Byron", email="ada@example.com")
    sync.make("Other", name="Charles Babbage", email="charles@example.com")
    await sync.poll("import", mode="filtered", filters={"emails": ["ADA@example.com"]})
    assert {fields["email"] for fields in (await sync.ours()).values()} == {"ada@example.com"}
    await sync.poll("import", mode="filtered", filters={"query": "Babbage"})
    assert len(await sync.ours()) == 2


async def test_a_webhook_that_came_before_is_known(sync: SyncWorld) -> None:
    _, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    event = sync.close.store.log.entries[-1]
    await sync.deliver(event)
    assert await sync.store.inbox.count("close") == 1
    await sync.poll(trigger="change")
    assert set(await sync.ours()) == {contact_id}
    await sync.deliver(event)
    assert await sync.store.inbox.count("close") == 0


async def test_an_edit_after_a_write_nobody_answered_contradicts_nothing(sync: SyncWorld) -> None:
    _, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com", title="Countess")
    await sync.poll()
    (row,) = (await sync.store.contacts.list()).items
    await sync.edits.edit(row.id, {"title": "Programmer"})
    sync.transport.choose = lambda request: "timeout_after" if request.method == "PUT" else None
    await sync.poll()
    assert sync.theirs()[contact_id].title == "Programmer"
    sync.transport.choose = lambda request: None
    await sync.edits.edit(row.id, {"title": "Mathematician"})
    sync.pass_time(600)
    await sync.poll()
    assert (await sync.store.conflicts.list()).items == ()
    assert sync.theirs()[contact_id].title == "Mathematician"


async def test_an_edit_of_a_creation_nobody_answered_contradicts_nothing(sync: SyncWorld) -> None:
    row = await sync.edits.create(ContactFields(email="ada@example.com", first_name="Ada"))
    sync.transport.choose = lambda request: "timeout_after" if request.url.endswith("/lead/") else None
    await sync.poll()
    sync.transport.choose = lambda request: None
    await sync.edits.edit(row.id, {"first_name": "Augusta"})
    (contact_id,) = sync.theirs()
    sync.pass_time(5)
    sync.change(contact_id, email="countess@example.com")
    sync.pass_time(60)
    await sync.poll()
    assert (await sync.store.conflicts.list()).items == ()
    (theirs,) = sync.theirs().values()
    assert (theirs.email, theirs.first_name) == ("countess@example.com", "Augusta")
    assert await sync.ours() == {contact_id: {name: getattr(theirs, name) for name in CONTACT_FIELDS}}


@pytest.mark.parametrize("field", ["phone", "linkedin_url"])
async def test_what_a_creation_nobody_answered_left_out_is_refused_not_emptied(sync: SyncWorld, field: str) -> None:
    """It never was over there, so nobody took it away."""
    sync.transport.choose = lambda request: "timeout_after" if request.url.endswith("/lead/") else None
    await sync.edits.create(ContactFields(email="ada@example.com", **{field: "extension 5"}))
    await sync.poll()
    sync.transport.choose = lambda request: None
    sync.pass_time(3600)
    await sync.poll()
    (conflict,) = (await sync.store.conflicts.list()).items
    assert (conflict.field, conflict.kind, conflict.local_value) == (field, "refused", "extension 5")
    assert [fields[field] for fields in (await sync.ours()).values()] == ["extension 5"]
    assert not await sync.waiting_out()


async def test_a_mistake_of_ours_ends_the_run_and_tells_no_words(
    sync: SyncWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def mistaken(*_: object) -> None:
        raise KeyError("ada@example.com")

    monkeypatch.setattr(sync.provider, "changes", mistaken)
    run_id = await sync.store.runs.queue("close", "bidirectional", trigger="manual", now=sync.now())
    assert await sync.engine.run(run_id) == "failed"
    (run,) = (await sync.store.runs.list()).items
    assert (run.status, run.errors) == ("failed", [{"code": "internal_error", "count": 1}])
    assert "KeyError in test_sync_engine.py" in caplog.text
    assert "ada@example.com" not in caplog.text


async def test_a_worker_killed_at_any_write_ends_where_one_never_killed_does(database: Database) -> None:
    """At each in turn, until a sync has fewer writes than that."""
    killed_at = 0
    while await _is_the_same_after_a_kill(database, killed_at):
        killed_at += 1
    assert killed_at > 20, "each of these writes was a moment to be killed at"


async def _is_the_same_after_a_kill(database: Database, killed_at: int) -> bool:
    """False: the sync was through by then."""
    await emptied(database)
    sync = SyncWorld(database)
    _, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com", title="Countess")
    await sync.poll()
    (row,) = (await sync.store.contacts.list()).items
    await sync.edits.edit(row.id, {"title": "Programmer"})
    await sync.edits.create(ContactFields(email="new@example.com", first_name="New", last_name="Person"))
    sync.pass_time(5)
    sync.change(contact_id, phone="+15415550123")
    killed = await sync.poll_killed(killed_at)
    await sync.edits.edit(row.id, {"title": "Mathematician"})
    for _ in range(2):
        sync.pass_time(60)
        await sync.poll()
    theirs = sync.theirs()
    assert len(theirs) == 2, killed_at
    assert (theirs[contact_id].title, theirs[contact_id].phone) == ("Mathematician", "+15415550123"), killed_at
    assert await sync.ours() == {
        external_id: {name: getattr(fields, name) for name in CONTACT_FIELDS} for external_id, fields in theirs.items()
    }, killed_at
    assert (await sync.store.conflicts.list()).items == (), killed_at
    assert not await sync.waiting_out(), killed_at
    return killed


async def test_a_contact_beside_a_lead_that_was_merged_before_the_feed_began_goes_where_it_is_now(
    sync: SyncWorld,
) -> None:
    old, _ = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    new, _ = sync.make("Acme Inc", name="Charles Babbage", email="charles@example.com")
    await sync.edits.create(ContactFields(email="beside@example.com", first_name="Beside"), parent_id=old)
    sync.close.store.merge_leads(old, new)
    sync.pass_time(3700)
    assert await sync.poll() == "completed"
    (made,) = [row for row in sync.close.store.contacts.values() if row["name"] == "Beside"]
    assert made["lead_id"] == new


async def test_a_contact_beside_a_lead_that_was_deleted_gets_one_of_its_own(sync: SyncWorld) -> None:
    old, _ = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.edits.create(ContactFields(email="beside@example.com", first_name="Beside"), parent_id=old)
    sync.close.store.begin_request()
    sync.close.store.delete_lead(old)
    sync.pass_time(3700)
    assert await sync.poll() == "completed"
    assert [fields.email for fields in sync.theirs().values()] == ["beside@example.com"]
    assert set(await sync.ours()) == set(sync.theirs())


async def test_a_lead_that_was_deleted_in_the_moment_it_was_merged_into_is_known_to_be_gone(
    sync: SyncWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the events of one moment any may come first, and a page may hold the others alone."""
    monkeypatch.setattr(events, "PAGE_SIZE", 2)
    source, _ = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    lead, _ = sync.make("Acme Inc", name="Charles Babbage", email="charles@example.com")
    await sync.edits.create(ContactFields(email="beside@example.com", first_name="Beside"), parent_id=lead)
    sync.close.store.begin_request()
    sync.close.store.merge_leads(source, lead)
    sync.close.store.begin_request()
    sync.close.store.delete_lead(lead)
    (end,) = [
        event for event in sync.close.store.log.entries if (event["object_id"], event["action"]) == (lead, "deleted")
    ]
    end["id"] = "ev_0"  # the last of its moment
    for _ in range(2):
        sync.pass_time(3700)
        await sync.poll()
    assert [fields.email for fields in sync.theirs().values()] == ["beside@example.com"]
    assert set(await sync.ours()) == set(sync.theirs())


async def test_an_event_the_log_shows_late_is_read_all_the_same(sync: SyncWorld) -> None:
    people = [sync.make(f"Company {n}", name=f"Ada Number{n}", email=f"ada{n}@example.com")[1] for n in range(3)]
    await sync.poll()
    sync.pass_time(3700)
    sync.options(event_lag_s=5.0)
    for contact_id in people:  # every second event is late: one of them with another after it that is not
        sync.change(contact_id, title=contact_id)
        sync.pass_time(0.01)
    await sync.poll()
    sync.pass_time(6)
    await sync.poll()
    assert {row["title"] for row in (await sync.ours()).values()} == set(people)


async def test_a_company_of_somebody_new_beside_another_is_the_same_on_both_sides(sync: SyncWorld) -> None:
    """The company is what Close calls the lead, which is there already."""
    lead, _ = sync.make("", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    sync.pass_time(60)
    await sync.edits.create(ContactFields(first_name="Grace", company="Acme"), parent_id=lead)
    await sync.poll()
    sync.pass_time(3700)
    await sync.poll()
    assert {fields.company for fields in sync.theirs().values()} == {"Acme"}
    assert {fields["company"] for fields in (await sync.ours()).values()} == {"Acme"}


async def test_somebody_known_by_a_second_address_is_no_second_contact(sync: SyncWorld) -> None:
    """Theirs has ours beside its first, and ours has theirs."""
    ada = await sync.edits.create(ContactFields(email="ada@home.example", first_name="Ada", last_name="Byron"))
    bob = await sync.edits.create(
        ContactFields(email="bob@x.example", first_name="Bob", further_emails=("bob@home.example",))
    )
    _, theirs = sync.make("Acme", name="Ada Byron", email="ada@acme.example", further="ada@home.example")
    _, same = sync.make("Stone", name="Bob", email="bob@home.example")
    await sync.poll()
    linked = {row.id: row for row in (await sync.store.contacts.list()).items}
    assert {id_: row.external_id for id_, row in linked.items()} == {ada.id: theirs, bob.id: same}
    assert set(sync.theirs()) == {theirs, same}
    assert {"ada@home.example", "ada@acme.example"} == all_of(sync.theirs()[theirs], "email")
    assert {"bob@home.example", "bob@x.example"} == all_of(sync.theirs()[same], "email")


async def test_an_address_of_an_office_makes_nobody_of_two_people(sync: SyncWorld) -> None:
    await sync.edits.create(
        ContactFields(email="ada@x.example", first_name="Ada", further_emails=("office@x.example",))
    )
    sync.make("Acme", name="Bob Stone", email="office@x.example")
    await sync.poll()
    assert len(sync.theirs()) == len((await sync.store.contacts.list()).items) == 2
    assert not (await sync.store.conflicts.list()).items
