"""Deals are mirrored as they stand at Close, and made and changed there exactly once."""

from typing import Any

import pytest
from sync_world import SyncWorld

from crm.contact import ContactFields
from crm.http import Request
from crm.opportunity import OpportunityFields
from crm.sync.opportunities import OpportunityOrders
from storage.crm.opportunities import OpportunityRow

BIG = OpportunityFields(value_cents=1_200_000, value_currency="EUR", value_period="annual", note="Wants 20 seats")


async def deals(sync: SyncWorld) -> tuple[OpportunityRow, ...]:
    return (await sync.store.opportunities.list()).items


async def contact_at_close(sync: SyncWorld) -> tuple[str, Any]:
    lead, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    (row,) = await sync.store.contacts.of_external_ids("close", [contact_id])
    sync.pass_time(70)
    return lead, row


def at_close(sync: SyncWorld) -> list[dict[str, Any]]:
    return list(sync.close.store.opportunities.values())


async def test_deals_of_close_are_mirrored_through_their_life(sync: SyncWorld) -> None:
    lead, contact = await contact_at_close(sync)
    about = {"contact_id": contact.external_id, "value": 500_000, "confidence": 40, "note": "Asked for a quote"}
    made = sync.close.store.create_opportunity({"lead_id": lead, **about})
    await sync.poll()
    (deal,) = await deals(sync)
    assert (deal.external_id, deal.contact_id, deal.value_cents) == (made["id"], contact.id, 500_000)
    assert (deal.status, deal.status_kind, deal.note) == ("Active", "active", "Asked for a quote")
    sync.pass_time(70)
    sync.close.store.update_opportunity(made["id"], {"status_id": "stat_won"})
    await sync.poll()
    assert [row.status_kind for row in await deals(sync)] == ["won"]
    sync.pass_time(70)
    sync.close.store.delete_opportunity(made["id"])
    await sync.poll()
    assert await deals(sync) == ()
    kept = await sync.store.opportunities.get(deal.id)
    assert kept is not None
    assert kept.deleted_at is not None


async def test_the_first_import_brings_deals_too(sync: SyncWorld) -> None:
    for number in range(3):
        lead, _ = sync.make(f"Company {number}", name=f"Ada Number{number}", email=f"ada{number}@example.com")
        sync.close.store.create_opportunity({"lead_id": lead, "value": number})
    await sync.poll()
    assert {row.value_cents for row in await deals(sync)} == {0, 1, 2}


async def test_a_deal_follows_its_lead_into_another(sync: SyncWorld) -> None:
    lead, _ = await contact_at_close(sync)
    made = sync.close.store.create_opportunity({"lead_id": lead})
    other, _ = sync.make("Acme Inc", name="Charles Babbage", email="charles@example.com")
    await sync.poll()
    sync.pass_time(70)
    sync.close.store.merge_leads(lead, other)
    await sync.poll()
    (deal,) = await deals(sync)
    assert (deal.external_id, deal.parent_id) == (made["id"], other)


async def test_a_deal_that_went_with_its_lead_long_ago_is_missed_by_a_listing(sync: SyncWorld) -> None:
    """The event log does not tell of it any more, and nobody of the lead is left to miss it by."""
    lead, contact = await contact_at_close(sync)
    _, stays = sync.make("Other", name="Charles Babbage", email="charles@example.com")
    sync.close.store.create_opportunity({"lead_id": lead, "value": 1})
    await sync.poll()
    assert len(await deals(sync)) == 1
    await sync.edits.delete(contact.id)
    sync.close.store.delete_lead(lead)
    sync.pass_time(26 * 86400)
    await sync.poll()
    assert await deals(sync) == ()
    assert set(await sync.ours()) == {stays}


async def test_a_deal_made_here_is_made_there_once(sync: SyncWorld) -> None:
    _, contact = await contact_at_close(sync)
    row = await OpportunityOrders(sync.store).create(contact, BIG, now=sync.now())
    assert row.external_id is None
    for _ in range(3):
        sync.pass_time(130)
        await sync.poll()
    (there,) = at_close(sync)
    assert (there["value"], there["value_currency"], there["value_period"]) == (1_200_000, "EUR", "annual")
    assert there["contact_id"] == contact.external_id
    (deal,) = await deals(sync)
    assert (deal.id, deal.external_id, deal.note) == (row.id, there["id"], "Wants 20 seats")


async def test_a_deal_whose_note_somebody_copied_stands_beside_ours(sync: SyncWorld) -> None:
    """With our mark in it; nothing else of its lead waits for that."""
    lead, contact = await contact_at_close(sync)
    row = await OpportunityOrders(sync.store).create(contact, BIG, now=sync.now())
    await sync.poll()
    (ours,) = at_close(sync)
    sync.pass_time(70)
    copies = [sync.close.store.create_opportunity({"lead_id": lead, "note": ours["note"]}) for _ in range(2)]
    sync.change(contact.external_id, title="Countess")
    assert await sync.poll() == "completed"
    assert {deal.external_id for deal in await deals(sync)} == {ours["id"], *(copy["id"] for copy in copies)}
    kept = await sync.store.opportunities.get(row.id)
    assert kept is not None
    assert (kept.external_id, kept.mark) == (ours["id"], row.mark)
    assert [fields["title"] for fields in (await sync.ours()).values()] == ["Countess"]


async def test_of_a_contact_that_is_not_there_yet(sync: SyncWorld) -> None:
    contact = await sync.edits.create(ContactFields(email="new@example.com", first_name="New"))
    row = await OpportunityOrders(sync.store).create(contact, BIG, now=sync.now())
    await OpportunityOrders(sync.store).change(row, OpportunityFields(confidence_percent=80), now=sync.now())
    await sync.poll()
    assert [deal["confidence"] for deal in at_close(sync)] == [80], "one after the other, in one sync"


async def test_of_a_contact_that_is_gone_it_is_given_up_with_what_was_to_be_changed(sync: SyncWorld) -> None:
    lead, contact = await contact_at_close(sync)
    sync.close.store.delete_lead(lead)
    orders = OpportunityOrders(sync.store)
    deal = await orders.create(contact, BIG, now=sync.now())
    await orders.change(deal, OpportunityFields(value_cents=1), now=sync.now())
    for _ in range(3):
        await sync.poll()
        sync.pass_time(70)
    assert at_close(sync) == []
    assert await deals(sync) == ()
    assert await sync.waiting_out() == 0


@pytest.mark.parametrize("fault", ["timeout_after", "drop_after", "html", "server_error", "timeout_before"])
async def test_without_an_answer_it_is_looked_for(sync: SyncWorld, fault: Any) -> None:
    _, contact = await contact_at_close(sync)
    row = await OpportunityOrders(sync.store).create(contact, BIG, now=sync.now())

    def choose(request: Request) -> Any:
        return fault if request.method == "POST" and "/opportunity/" in request.url else None

    sync.transport.choose = choose
    await sync.poll()
    sync.transport.choose = lambda request: None
    for _ in range(3):
        sync.pass_time(600)
        await sync.poll()
    (there,) = at_close(sync)
    (deal,) = await deals(sync)
    assert (deal.id, deal.external_id) == (row.id, there["id"])
    assert not await sync.waiting_out()


async def test_one_that_was_met_there_is_not_made_again_when_somebody_deletes_it(sync: SyncWorld) -> None:
    """Its creation was not answered; then it was read there, and gone before the order's turn came again."""
    _, contact = await contact_at_close(sync)
    orders = OpportunityOrders(sync.store)
    row = await orders.create(contact, BIG, now=sync.now())
    sync.transport.choose = lambda request: (
        "timeout_after" if request.method == "POST" and "/opportunity/" in request.url else None
    )
    await sync.poll()
    sync.transport.choose = lambda request: None
    await sync.poll()
    (deal,) = await deals(sync)
    assert deal.external_id is not None
    await orders.change(row, OpportunityFields(value_cents=1), now=sync.now())
    sync.close.store.delete_opportunity(deal.external_id)
    for _ in range(2):
        sync.pass_time(3700)
        await sync.poll()
    assert at_close(sync) == []
    assert await deals(sync) == ()
    assert await sync.waiting_out() == 0


@pytest.mark.parametrize("killed_at", range(0, 12))
async def test_a_worker_killed_at_any_write_makes_it_once(sync: SyncWorld, killed_at: int) -> None:
    _, contact = await contact_at_close(sync)
    row = await OpportunityOrders(sync.store).create(contact, BIG, now=sync.now())
    await OpportunityOrders(sync.store).change(row, OpportunityFields(confidence_percent=80), now=sync.now())
    await sync.poll_killed(killed_at)
    for _ in range(3):
        sync.pass_time(130)
        await sync.poll()
    (there,) = at_close(sync)
    assert there["confidence"] == 80
    (deal,) = await deals(sync)
    assert (deal.id, deal.external_id, deal.confidence_percent) == (row.id, there["id"], 80)


async def test_changes_leave_the_rest_and_the_mark(sync: SyncWorld) -> None:
    _, contact = await contact_at_close(sync)
    orders = OpportunityOrders(sync.store)
    row = await orders.create(contact, BIG, now=sync.now())
    await sync.poll()
    sync.pass_time(70)
    await orders.change(row, OpportunityFields(status="won", note="Signed"), now=sync.now())
    await sync.poll()
    (there,) = at_close(sync)
    assert (there["status_id"], there["value"]) == ("stat_won", 1_200_000)
    assert there["note"].splitlines() == ["Signed", f"Ref. {row.mark}"]
    (deal,) = await deals(sync)
    assert (deal.status_kind, deal.note) == ("won", "Signed")


async def test_a_status_close_does_not_have_becomes_a_dead_letter(sync: SyncWorld) -> None:
    _, contact = await contact_at_close(sync)
    await OpportunityOrders(sync.store).create(contact, OpportunityFields(status="Dreaming"), now=sync.now())
    await sync.poll()
    (letter,) = (await sync.store.dead_letters.list()).items
    assert (letter.reason, letter.payload["kind"]) == ("unknown_status", "opportunity")
