"""A value Close does not take is flagged, and keeps nothing else from getting there."""

import msgspec
from sync_world import SyncWorld

from crm.contact import ContactFields
from crm.http import Request, Response

TWO_DOTS = "ada..byron@example.com"
"""There are such addresses, and Close takes none of them."""


async def test_somebody_new_gets_there_without_the_address_close_refuses(sync: SyncWorld) -> None:
    row = await sync.edits.create(ContactFields(email=TWO_DOTS, first_name="Ada", company="Acme"))
    await sync.converse(row.id, "conv_1")
    await sync.poll()
    assert list(sync.theirs().values()) == [
        ContactFields(first_name="Ada", company="Acme", further_emails=(), further_phones=())
    ]
    assert len(sync.close.store.activities) == 2
    (conflict,) = (await sync.store.conflicts.list(state="open")).items
    assert (conflict.field, conflict.kind, conflict.local_value) == ("email", "refused", TWO_DOTS)
    assert (await sync.store.dead_letters.list()).items == ()
    assert not await sync.waiting_out()


async def test_a_further_address_close_refuses_keeps_the_others_from_nothing(sync: SyncWorld) -> None:
    good = ("ada@home.example", "ada@work.example")
    row = await sync.edits.create(ContactFields(email=good[0], first_name="Ada", further_emails=(TWO_DOTS,)))
    await sync.poll()
    (theirs,) = sync.theirs().values()
    assert (theirs.email, theirs.further_emails) == (good[0], ())
    await sync.edits.edit(row.id, {"further_emails": [TWO_DOTS, good[1]], "title": "CTO"})
    await sync.edits.edit(row.id, {"further_emails": [TWO_DOTS, good[1], "another..one@example.com"]})
    await sync.poll()
    (theirs,) = sync.theirs().values()
    kept = await sync.store.contacts.get(row.id)
    assert kept is not None
    assert (theirs.title, TWO_DOTS in kept.further_emails, good[1] in kept.further_emails) == ("CTO", True, True)
    assert {found.field for found in (await sync.store.conflicts.list()).items} == {"further_emails"}
    assert (await sync.store.dead_letters.list()).items == ()
    assert not await sync.waiting_out()


async def test_a_company_close_refuses_is_told_from_a_name(sync: SyncWorld) -> None:
    lead, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    original = sync.transport._answer

    async def answer(request: Request) -> Response:
        if request.method == "PUT" and lead in request.url:
            return Response(400, {}, msgspec.json.encode({"errors": [], "field-errors": {"name": "Too long."}}))
        return await original(request)

    sync.transport._answer = answer  # type: ignore[method-assign]
    (row,) = await sync.store.contacts.of_external_ids("close", [contact_id])
    await sync.edits.edit(row.id, {"company": "A very long one", "first_name": "Augusta"})
    await sync.poll()
    assert sync.theirs()[contact_id].first_name == "Augusta"
    (conflict,) = (await sync.store.conflicts.list()).items
    assert (conflict.field, conflict.kind) == ("company", "refused")
    assert not await sync.waiting_out()


async def test_the_field_of_our_references_is_made_again_where_somebody_deleted_it(sync: SyncWorld) -> None:
    await sync.poll()
    sync.close.store.custom_fields["contact"].clear()
    await sync.edits.create(ContactFields(email="ada@example.com", first_name="Ada"))
    await sync.poll()
    sync.pass_time(60)
    assert await sync.poll() == "completed"
    assert len(sync.theirs()) == 1
    assert sync.reference_field is not None
    assert (await sync.store.dead_letters.list()).items == ()
