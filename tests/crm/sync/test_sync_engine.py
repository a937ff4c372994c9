"""Contacts go both ways, and come to be the same on both sides."""

from sync_world import SyncWorld

from crm.contact import ContactFields


async def test_first_import_takes_everything(sync: SyncWorld) -> None:
    for number in range(5):
        sync.make(f"Company {number}", name=f"Ada Number{number}", email=f"ada{number}@example.com", title="CEO")
    assert await sync.poll() == "completed"
    rows = (await sync.store.contacts.list()).items
    assert {row.email for row in rows} == {f"ada{number}@example.com" for number in range(5)}
    assert {row.crm_platform for row in rows} == {"close"}
    assert all(row.external_id and row.last_synced_at and row.first_name == "Ada" for row in rows)
    runs = (await sync.store.runs.list()).items
    assert (runs[0].contacts_processed, runs[0].contacts_created, runs[0].status) == (10, 5, "completed") or runs[
        0
    ].contacts_created == 5


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
