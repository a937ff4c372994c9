"""Telephone numbers that come later: of whom they are taken, where they go, and who may bring them."""

from typing import Any

import msgspec
import pytest
from crm_world import CrmWorld
from sync_world import SyncWorld

from crm.apollo.people import PhoneDelivery
from crm.contact import ContactFields
from crm.provider import WebhookRefused
from crm.sync.engine import SyncEngine
from crm.sync.phones import PhoneDoor, secret
from storage.crm.contacts import ContactRow

KEY = secret("installation")


@pytest.fixture
def door(sync: SyncWorld) -> PhoneDoor:
    return PhoneDoor(sync.store, [KEY, secret("older")], sync.now)


async def enriched(sync: SyncWorld, world: CrmWorld, **more: Any) -> None:
    provider = world.apollo_provider(phones=PhoneDelivery("https://us.example/webhooks/apollo?key=x"))
    world.apollo.people["ada@acme.com"] = {"id": "p1", "first_name": "Ada", **more}
    world.apollo.people["bob@acme.com"] = {"id": "p2", "first_name": "Bob"}
    run_id = await sync.store.runs.queue("apollo", "enrich", trigger="schedule", now=sync.now())
    assert await SyncEngine(sync.store, {"apollo": provider}, now=sync.now).run(run_id) == "completed"


def delivery(**numbers: list[str]) -> bytes:
    people = [
        {"id": person_id, "phone_numbers": [{"sanitized_number": number} for number in found]}
        for person_id, found in numbers.items()
    ]
    return msgspec.json.encode({"people": people})


async def contact(sync: SyncWorld, contact_id: str) -> ContactRow:
    row = await sync.store.contacts.get(contact_id)
    assert row is not None
    return row


async def test_numbers_end_on_the_contact_and_at_close(sync: SyncWorld, world: CrmWorld, door: PhoneDoor) -> None:
    ada = (await sync.edits.create(ContactFields(email="ada@acme.com", first_name="Ada"))).id
    bob = (await sync.edits.create(ContactFields(email="bob@acme.com", phone="+15415550001"))).id
    await sync.poll()
    await enriched(sync, world)
    assert world.apollo.phones.asked == ["p1"], "who has a number costs no credit for another"
    assert await door.take(delivery(p1=["nonsense", "+15415550199"], p2=["+15415550198"], p3=["+15415550197"])) == 1
    row = await contact(sync, ada)
    assert (row.phone, row.enrichment_data["apollo"]["phone_numbers"]) == ("+15415550199", ["nonsense", "+15415550199"])
    assert (await contact(sync, bob)).phone == "+15415550001"
    await sync.poll()
    assert {fields.email: fields.phone for fields in sync.theirs().values()} == {
        "ada@acme.com": "+15415550199",
        "bob@acme.com": "+15415550001",
    }


async def test_a_repeated_delivery_changes_nothing_and_a_later_number_is_kept(
    sync: SyncWorld, world: CrmWorld, door: PhoneDoor
) -> None:
    ada = (await sync.edits.create(ContactFields(email="ada@acme.com"))).id
    await enriched(sync, world)
    assert await door.take(delivery(p1=["+15415550199"])) == 1
    first = await contact(sync, ada)
    assert await door.take(delivery(p1=["+15415550199"])) == 0
    assert await contact(sync, ada) == first
    assert await door.take(delivery(p1=["+15415550200"])) == 1
    row = await contact(sync, ada)
    assert (row.phone, row.enrichment_data["apollo"]["phone_numbers"]) == (
        "+15415550199",
        ["+15415550199", "+15415550200"],
    )


async def test_the_persons_own_takes_the_place_of_the_companys(
    sync: SyncWorld, world: CrmWorld, door: PhoneDoor
) -> None:
    ada = (await sync.edits.create(ContactFields(email="ada@acme.com"))).id
    office = {"sanitized_number": "+15415550100", "type_cd": "work_hq"}
    await enriched(sync, world, phone_numbers=[office])
    assert (await contact(sync, ada)).phone == "+15415550100"
    assert await door.take(delivery(p1=["+15415550199"])) == 1
    assert (await contact(sync, ada)).phone == "+15415550199"
    assert await door.take(delivery(p1=["+15415550200"])) == 1
    assert (await contact(sync, ada)).phone == "+15415550199"


async def test_a_number_somebody_entered_meanwhile_stays(sync: SyncWorld, world: CrmWorld, door: PhoneDoor) -> None:
    ada = (await sync.edits.create(ContactFields(email="ada@acme.com"))).id
    await enriched(sync, world)
    await sync.edits.edit(ada, {"phone": "+15415550001"})
    assert await door.take(delivery(p1=["+15415550199"])) == 1
    assert (await contact(sync, ada)).phone == "+15415550001"


async def test_a_deleted_contact_and_people_nobody_asked_about_learn_nothing(
    sync: SyncWorld, world: CrmWorld, door: PhoneDoor
) -> None:
    ada = (await sync.edits.create(ContactFields(email="ada@acme.com"))).id
    assert await door.take(delivery(p1=["+15415550199"])) == 0
    await enriched(sync, world)
    await sync.edits.delete(ada)
    assert await door.take(delivery(p1=["+15415550199"])) == 0
    assert (await contact(sync, ada)).phone is None


@pytest.mark.parametrize("body", [b"", b"[]", b'{"people": 1}', b'{"people": [{"id": 1}]}', b"\xff", b"<html>"])
async def test_what_is_no_delivery_is_refused(door: PhoneDoor, body: bytes) -> None:
    with pytest.raises(WebhookRefused) as refused:
        await door.take(body)
    assert refused.value.code == "unreadable_body"


async def test_more_people_than_anybody_asks_about_are_refused(door: PhoneDoor) -> None:
    many: dict[str, Any] = {f"p{number}": [] for number in range(101)}
    with pytest.raises(WebhookRefused):
        await door.take(delivery(**many))


def test_strangers_are_refused_and_an_older_address_is_good(door: PhoneDoor) -> None:
    door.check(KEY)
    door.check(secret("older"))
    for shown in ("", "x", KEY[:-1], KEY.upper(), "ä"):
        with pytest.raises(WebhookRefused) as refused:
            door.check(shown)
        assert refused.value.code == "bad_secret"
