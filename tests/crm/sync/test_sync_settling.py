"""Whoever answers a conflict has their way, whichever side deleted what the other changed."""

import pytest
from sync_world import SyncWorld

from crm.sync.settling import Choice
from storage.crm.conflicts import ConflictRow
from storage.crm.contacts import ContactRow


async def known(sync: SyncWorld) -> tuple[str, ContactRow]:
    """Somebody both sides know: their id and our contact."""
    _, external_id = sync.make("Acme", name="Ada Byron", email="ada@example.com", title="Countess")
    await sync.poll()
    (row,) = (await sync.store.contacts.list()).items
    return external_id, row


async def asked(sync: SyncWorld) -> ConflictRow:
    (conflict,) = (await sync.store.conflicts.list(state="open")).items
    assert (conflict.field, conflict.kind) == ("contact", "deleted")
    return conflict


async def changed_there_and_deleted_here(sync: SyncWorld) -> str:
    """Before either side hears of the other. Their id."""
    external_id, row = await known(sync)
    sync.pass_time(5)
    sync.change(external_id, title="Mathematician")
    sync.pass_time(5)
    await sync.edits.delete(row.id)
    return external_id


async def deleted_here_changed_there(sync: SyncWorld) -> ConflictRow:
    await changed_there_and_deleted_here(sync)
    await sync.poll()
    assert sync.theirs() == {}
    return await asked(sync)


@pytest.mark.parametrize("choice", ["local", "remote"])
async def test_deleted_here_and_changed_there(sync: SyncWorld, choice: Choice) -> None:
    conflict = await deleted_here_changed_there(sync)
    await sync.edits.resolve(conflict.id, choice)
    await sync.poll()
    back = [(fields.email, fields.title) for fields in sync.theirs().values()]
    assert back == ([("ada@example.com", "Mathematician")] if choice == "remote" else [])
    assert [(fields["email"], fields["title"]) for fields in (await sync.ours()).values()] == back
    assert (await sync.store.conflicts.list(state="open")).items == ()


@pytest.mark.parametrize("choice", ["local", "remote"])
async def test_changed_here_and_deleted_there(sync: SyncWorld, choice: Choice) -> None:
    external_id, row = await known(sync)
    sync.close.store.delete_contact(external_id)
    await sync.edits.edit(row.id, {"title": "Mathematician"})
    await sync.poll()
    conflict = await asked(sync)
    await sync.edits.resolve(conflict.id, choice)
    await sync.poll()
    back = [(fields.email, fields.title) for fields in sync.theirs().values()]
    assert back == ([("ada@example.com", "Mathematician")] if choice == "local" else [])
    assert [(fields["email"], fields["title"]) for fields in (await sync.ours()).values()] == back


async def test_what_is_wanted_back_before_it_was_deleted_there_stays(sync: SyncWorld) -> None:
    """And is the same record, not a second one."""
    external_id = await changed_there_and_deleted_here(sync)
    sync.transport.choose = lambda request: "server_error" if request.method == "DELETE" else None
    await sync.poll()
    sync.transport.choose = lambda request: None
    await sync.edits.resolve((await asked(sync)).id, "remote")
    sync.pass_time(3600)
    await sync.poll()
    assert {key: fields.title for key, fields in sync.theirs().items()} == {external_id: "Mathematician"}
    assert {key: fields["title"] for key, fields in (await sync.ours()).items()} == {external_id: "Mathematician"}


async def test_what_is_wanted_back_while_nobody_knows_whether_it_was_deleted_is_asked_again(sync: SyncWorld) -> None:
    await changed_there_and_deleted_here(sync)
    sync.transport.choose = lambda request: "timeout_after" if request.method == "DELETE" else None
    await sync.poll("export")
    sync.transport.choose = lambda request: None
    await sync.edits.resolve((await asked(sync)).id, "remote")
    sync.pass_time(3600)
    await sync.poll()
    again = await asked(sync)
    assert again.local_value == {"title": "Mathematician"}
    await sync.edits.resolve(again.id, "local")
    await sync.poll()
    assert [fields.title for fields in sync.theirs().values()] == ["Mathematician"]


@pytest.mark.parametrize("choice", ["local", "remote"])
async def test_an_answer_to_an_old_question_keeps_what_was_edited_since(sync: SyncWorld, choice: Choice) -> None:
    """Whoever answers was shown two addresses, and the contact has a third."""
    external_id, row = await known(sync)
    sync.change(external_id, email="theirs@example.com")
    await sync.edits.edit(row.id, {"email": "ours@example.com"})
    await sync.poll()
    (conflict,) = (await sync.store.conflicts.list(state="open")).items
    await sync.edits.edit(row.id, {"email": "later@example.com"})
    await sync.edits.resolve(conflict.id, choice)
    (unseen,) = [found for found in (await sync.store.conflicts.list()).items if found.id != conflict.id]
    assert (unseen.kind, unseen.local_value, unseen.resolution) == ("both_changed", "later@example.com", choice)
    assert unseen.remote_value == f"{'ours' if choice == 'local' else 'theirs'}@example.com"


@pytest.mark.parametrize("field", ["title", "last_name"])
async def test_what_was_never_sent_of_somebody_deleted_here_is_kept_where_theirs_takes_its_place(
    sync: SyncWorld, field: str
) -> None:
    """Whoever wants the contact back was shown what changed over there, and not what had been edited here before."""
    external_id, row = await known(sync)
    await sync.edits.edit(row.id, {field: "Ours"})
    sync.pass_time(5)
    sync.change(external_id, **({"title": "Theirs"} if field == "title" else {"name": "Ada Theirs"}))
    sync.pass_time(5)
    await sync.edits.delete(row.id)
    await sync.poll()
    conflict = await asked(sync)
    await sync.edits.resolve(conflict.id, "remote")
    (kept,) = [found for found in (await sync.store.conflicts.list()).items if found.id != conflict.id]
    assert (kept.field, kept.kind, kept.state, kept.resolution) == (field, "both_changed", "resolved", "remote")
    assert (kept.local_value, kept.remote_value, kept.critical) == ("Ours", "Theirs", field == "last_name")


async def test_an_answer_to_a_question_as_it_stands_adds_nothing(sync: SyncWorld) -> None:
    external_id, row = await known(sync)
    sync.change(external_id, email="theirs@example.com")
    await sync.edits.edit(row.id, {"email": "ours@example.com"})
    await sync.poll()
    (conflict,) = (await sync.store.conflicts.list(state="open")).items
    await sync.edits.resolve(conflict.id, "local")
    assert [found.id for found in (await sync.store.conflicts.list()).items] == [conflict.id]
