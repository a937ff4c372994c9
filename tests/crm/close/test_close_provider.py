"""Close as a provider, against the simulator over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from crm_world import CrmWorld

from crm.close import contacts, leads, opportunities
from crm.close.provider import CloseProvider
from crm.close.records import Contact, Lead, Opportunity, Status
from crm.contact import CallOutcome, ContactFields, ContactQuery, Gone, Holding, RemoteContact
from crm.errors import ChangedMeanwhile, GiveUp, InvalidRecord, NotFound, ProviderUnavailable, Unauthorized
from crm.mapping.close import CloseMapping
from simulators.close.options import GroupLimit

JANE = ContactFields(
    email="jane@acme.example",
    first_name="Jane",
    last_name="van Dyke",
    company="Acme",
    title="VP Sales",
    phone="+15415550100",
    linkedin_url="https://www.linkedin.com/in/jane-van-dyke",
    further_emails=("jane@home.example",),
    further_phones=(),
    address_types={"jane@acme.example": "office", "jane@home.example": "home", "+15415550100": "mobile"},
)


NO_OTHERS: dict[str, Any] = {"further_emails": (), "further_phones": ()}


def set_options(world: CrmWorld, **options: Any) -> None:
    world.close.store.options = msgspec.structs.replace(world.close.store.options, **options)


def now(world: CrmWorld) -> datetime:
    return datetime.fromtimestamp(world.clock(), UTC)


async def test_check_names_the_organisation_and_a_bad_key_gives_up(world: CrmWorld) -> None:
    account = await world.close_provider().check()
    assert account.name == "Simulated Organisation"

    with pytest.raises(Unauthorized) as refused:
        await CloseProvider(world.close_client("wrong")).check()
    assert (refused.value.code, refused.value.retryable) == ("credentials_refused", False)


async def test_a_contact_made_and_read_again_is_the_same(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(JANE, reference="ref-1")
    assert made.fields == JANE
    assert made.updated_at == now(world)
    assert await provider.get_contact(made.external_id, JANE) == made
    assert await provider.held_by(str(made.parent_id), {made.external_id: JANE}) == Holding((made,))


async def test_a_person_without_a_company_gets_none(world: CrmWorld) -> None:
    alone = ContactFields(email="joe@home.example", first_name="Joe")
    made = await world.close_provider().create_contact(alone, reference="ref-1")
    assert made.fields == msgspec.structs.replace(alone, **NO_OTHERS, address_types={"joe@home.example": "office"})
    assert world.close.store.leads[str(made.parent_id)]["name"] == ""


async def test_a_second_contact_joins_the_same_lead(world: CrmWorld) -> None:
    provider = world.close_provider()
    jane = await provider.create_contact(JANE, reference="ref-1")
    joe = ContactFields(email="joe@acme.example", first_name="Joe", company="Acme")
    made = await provider.create_contact(joe, reference="ref-2", parent_id=jane.parent_id)
    assert made.parent_id == jane.parent_id
    assert made.fields == msgspec.structs.replace(joe, **NO_OTHERS, address_types={"joe@acme.example": "office"})
    assert len(world.close.store.leads) == 1


async def test_an_update_changes_what_is_given_and_keeps_other_addresses(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(JANE, reference="ref-1")
    stored = world.close.store.contacts[made.external_id]
    stored["urls"].append({"url": "https://acme.example/jane", "type": "url"})

    changed = await provider.update_contact(made, ContactFields(email="third@acme.example", title="CRO"))

    assert changed.fields == msgspec.structs.replace(
        JANE,
        email="third@acme.example",
        title="CRO",
        further_emails=("jane@acme.example", "jane@home.example"),
        address_types=JANE.address_types | {"third@acme.example": "office"},
    )
    kept = [(entry["email"], entry["type"]) for entry in world.close.store.contacts[made.external_id]["emails"]]
    assert kept == [("third@acme.example", "office"), ("jane@acme.example", "office"), ("jane@home.example", "home")]
    assert len(world.close.store.contacts[made.external_id]["urls"]) == 2
    assert world.close.store.contacts[made.external_id]["phones"][0]["phone"] == "+15415550100"


async def test_an_update_with_nothing_new_writes_nothing(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(JANE, reference="ref-1")
    events = len(world.close.store.log.entries)
    assert await provider.update_contact(made, JANE) == made
    assert len(world.close.store.log.entries) == events
    assert not [line for line in world.requests_to("close") if line.startswith("PUT")]


async def test_the_company_is_the_leads_name(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(JANE, reference="ref-1")
    changed = await provider.update_contact(made, ContactFields(company="Acme Corporation"))
    assert changed.fields.company == "Acme Corporation"
    assert world.close.store.leads[str(made.parent_id)]["name"] == "Acme Corporation"


async def test_an_update_of_something_that_changed_meanwhile_is_refused(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(JANE, reference="ref-1")
    world.close.store.update_contact(made.external_id, {"title": "Somebody else's title"})
    with pytest.raises(ChangedMeanwhile):
        await provider.update_contact(made, ContactFields(phone="+15415550111"))
    assert world.close.store.contacts[made.external_id]["phones"][0]["phone"] == "+15415550100"


async def test_an_address_that_somebody_adds_meanwhile_is_not_overwritten(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(JANE, reference="ref-1")
    held = world.close.store.contacts[made.external_id]["emails"]
    held.append({"email": "new@acme.example", "type": "other"})
    with pytest.raises(ChangedMeanwhile):
        await provider.update_contact(made, ContactFields(further_emails=()))
    assert len(held) == 3


async def test_a_number_that_is_none_is_not_sent(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(msgspec.structs.replace(JANE, phone="ask reception"), reference="ref-1")
    assert made.fields.phone is None


async def test_refused_values_name_the_field_and_skip_the_record(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(JANE, reference="ref-1")
    raw = contacts.update(made.external_id, contacts.ContactDraft(), {"cf_unknown": "x"})
    with pytest.raises(InvalidRecord) as refused:
        await provider.api.one(raw, Contact)
    assert refused.value.fields == ("custom.cf_unknown",)


async def test_deleting_twice_is_deleting_once(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(JANE, reference="ref-1")
    await provider.delete_contact(made.external_id)
    await provider.delete_contact(made.external_id)
    assert await provider.get_contact(made.external_id) == Gone(made.external_id)
    assert await provider.held_by(str(made.parent_id)) == Holding()
    assert await provider.held_by("lead_nowhere") == Gone("lead_nowhere")


async def test_a_creation_is_found_by_its_reference_before_the_index_knows_it(world: CrmWorld) -> None:
    field_id = world.close.store.create_custom_field("contact", {"name": "Reference"})["id"]
    provider = world.close_provider(fill_in=CloseMapping(reference_field=field_id))
    set_options(world, index_lag_s=60.0)
    since = now(world) - timedelta(minutes=1)
    made = await provider.create_contact(JANE, reference="ref-1")
    await provider.create_contact(JANE, reference="ref-2")

    assert await provider.find_created("ref-1", JANE, since=since) == made
    assert made.reference == "ref-1"
    assert await provider.find_created("ref-3", JANE, since=since) is None
    assert await provider.find_contacts(ContactQuery(emails=("jane@acme.example",))) == ()


@pytest.mark.parametrize("skew_s", [-600.0, 600.0])
async def test_a_clock_that_is_off_hides_nothing(world: CrmWorld, skew_s: float) -> None:
    set_options(world, clock_skew_s=skew_s)
    provider = world.close_provider()
    since, cursor = now(world), provider.changes_from(now(world))
    made = await provider.create_contact(JANE, reference="ref-1")
    lead_id = str(made.parent_id)
    note_id = await provider.add_note(lead_id, "Hello", reference="note-1")
    assert await provider.find_created("ref-1", JANE, since=since) == made
    assert await provider.find_note(lead_id, "note-1", since=since) == note_id
    assert made.external_id in {change.external_id for change in (await provider.changes(cursor)).changes}


async def test_a_creation_somebody_deleted_again_was_applied(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(JANE, reference="ref-1")
    await provider.delete_contact(made.external_id)
    assert await provider.find_created("ref-1", JANE, since=now(world)) == Gone(made.external_id)


async def test_without_the_events_data_the_contact_itself_is_looked_at(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(JANE, reference="ref-1")
    for event in world.close.store.log.entries:
        event["data"] = None
    assert await provider.find_created("ref-1", JANE, since=now(world)) == made
    other = msgspec.structs.replace(JANE, last_name="Other")
    assert await provider.find_created("ref-1", other, since=now(world)) is None


async def test_the_reference_field_is_added_once(world: CrmWorld) -> None:
    for _ in range(2):
        provider = world.close_provider()
        assert await provider.prepare()
        made = await provider.create_contact(JANE, reference="ref-1")
        assert made.reference == "ref-1"
    assert list(world.close.store.custom_fields["contact"].values()) == ["Sales agent reference"]


async def test_without_the_right_to_add_it_there_is_none(world: CrmWorld) -> None:
    world.faults("close:refuse,nth=2,status=403")
    assert not await world.close_provider().prepare()


async def test_without_a_reference_field_a_creation_is_found_by_address_and_name(world: CrmWorld) -> None:
    provider = world.close_provider()
    since = now(world) - timedelta(minutes=1)
    made = await provider.create_contact(JANE, reference="ref-1")
    assert await provider.find_created("ref-1", JANE, since=since) == made
    other = msgspec.structs.replace(JANE, first_name="Joan")
    assert await provider.find_created("ref-1", other, since=since) is None


async def test_a_search_takes_exact_addresses_and_words(world: CrmWorld) -> None:
    provider = world.close_provider()
    jane = await provider.create_contact(JANE, reference="ref-1")
    near = msgspec.structs.replace(JANE, email="jane@acme.example.org", company="Other", first_name="Janet")
    await provider.create_contact(near, reference="ref-2")

    def found(answer: tuple[RemoteContact, ...]) -> set[str]:
        return {contact.external_id for contact in answer}

    assert found(await provider.find_contacts(ContactQuery(emails=("JANE@acme.example",)))) == {jane.external_id}
    assert found(await provider.find_contacts(ContactQuery(text="jane@acme.example"))) == {jane.external_id}
    assert found(await provider.find_contacts(ContactQuery(text="acme"))) == {jane.external_id}
    assert len(found(await provider.find_contacts(ContactQuery(text="dyke")))) == 2
    assert world.requests_to("close")[-1] == "POST /close/api/v1/data/search/"


async def test_a_listing_gives_every_contact_once_although_searches_end_early_and_cursors_expire(
    world: CrmWorld,
) -> None:
    set_options(world, search_cap=250, groups=GroupLimit(limit=10_000, window_s=1.0))
    for number in range(700):
        world.clock.now += 0.4
        world.close.store.create_lead({"name": f"Lead {number}", "contacts": [{"name": f"Person {number}"}]})
    provider = world.close_provider()
    ids: list[str] = []
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        page = await provider.list_contacts(cursor)
        ids += [contact.external_id for contact in page.contacts]
        cursor, pages = page.cursor, pages + 1
        world.clock.now += 31.0 if pages % 3 == 0 else 1.0
    assert sorted(ids) == sorted(world.close.store.contacts)


async def listed(world: CrmWorld, provider: CloseProvider) -> list[str]:
    """Every contact of a walk whose every page but the first comes too late for its cursor."""
    page = await provider.list_contacts()
    ids = [contact.external_id for contact in page.contacts]
    while page.cursor is not None:
        world.clock.now += 31.0
        page = await provider.list_contacts(page.cursor)
        ids += [contact.external_id for contact in page.contacts]
    return ids


async def test_a_second_with_several_pages_is_passed_although_every_cursor_was_lost(world: CrmWorld) -> None:
    set_options(world, groups=GroupLimit(limit=10_000, window_s=1.0))
    for number in range(700):
        world.close.store.create_lead({"name": f"Lead {number}", "contacts": [{"name": f"Person {number}"}]})
    ids = await listed(world, world.close_provider())
    assert sorted(ids) == sorted(world.close.store.contacts)


async def test_a_search_none_of_whose_cursors_is_taken_is_tried_again_later(world: CrmWorld) -> None:
    set_options(world, groups=GroupLimit(limit=10_000, window_s=1.0), cursor_life_s=-1.0)
    for number in range(401):
        world.close.store.create_lead({"name": f"Lead {number}", "contacts": [{"name": f"Person {number}"}]})
    provider = world.close_provider()
    first = await provider.list_contacts()
    with pytest.raises(ProviderUnavailable) as lost:
        await provider.list_contacts(first.cursor)
    assert lost.value.code == "search_cursor_lost"

    set_options(world, cursor_life_s=30.0)
    assert len((await provider.list_contacts(first.cursor)).contacts) == 200


async def test_the_change_feed_tells_what_happened_in_order(world: CrmWorld) -> None:
    set_options(world, consolidation_s=0.0)
    provider = world.close_provider()
    cursor = provider.changes_from(now(world))
    world.clock.now += 10
    made = await provider.create_contact(JANE, reference="ref-1")
    world.clock.now += 10
    await provider.update_contact(made, ContactFields(title="CRO"))
    world.clock.now += 10
    await provider.delete_contact(made.external_id)

    page = await provider.changes(cursor)
    about = [(change.kind, change.record) for change in page.changes if change.record == "contact"]
    assert about == [("created", "contact"), ("updated", "contact"), ("deleted", "contact")]
    assert {change.parent_id for change in page.changes} == {made.parent_id}
    assert [change.at for change in page.changes] == sorted(change.at for change in page.changes)
    assert datetime.fromisoformat(page.cursor) == now(world)


async def test_a_consolidated_event_comes_again_with_a_later_time(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(JANE, reference="ref-1")
    cursor = provider.changes_from(now(world))
    world.clock.now += 400
    await provider.update_contact(made, ContactFields(title="CRO"))
    first = await provider.changes(cursor)
    world.clock.now += 30
    world.close.store.update_contact(made.external_id, {"title": "CEO"})
    second = await provider.changes(first.cursor)
    updates = [[c for c in page.changes if (c.kind, c.record) == ("updated", "contact")] for page in (first, second)]
    assert updates[0][0].event_id == updates[1][0].event_id
    assert updates[0][0].digest != updates[1][0].digest
    assert updates[0][0].at < updates[1][0].at


async def test_many_pages_of_events_are_read_to_the_end(world: CrmWorld) -> None:
    set_options(world, consolidation_s=0.0)
    cursor = world.close_provider().changes_from(now(world))
    for number in range(130):
        world.clock.now += 1
        world.close.store.create_lead({"name": f"Lead {number}"})
    page = await world.close_provider().changes(cursor)
    assert len(page.changes) == 130
    assert len({change.external_id for change in page.changes}) == 130


async def test_events_older_than_a_month_are_gone(world: CrmWorld) -> None:
    provider = world.close_provider()
    with pytest.raises(GiveUp) as expired:
        await provider.changes(provider.changes_from(now(world) - timedelta(days=31)))
    assert expired.value.code == "changes_expired"


async def test_a_merge_says_who_went_where(world: CrmWorld) -> None:
    provider = world.close_provider()
    kept = await provider.create_contact(JANE, reference="ref-1")
    moved = await provider.create_contact(
        ContactFields(first_name="Joe", company="Acme Inc", email="joe@acme.example"), reference="ref-2"
    )
    cursor = provider.changes_from(now(world))
    world.clock.now += 400
    world.close.store.begin_request()
    world.close.store.merge_leads(str(moved.parent_id), str(kept.parent_id))

    page = await provider.changes(cursor)
    merged = next(change for change in page.changes if change.kind == "merged")
    assert (merged.merged_from, merged.merged_into) == (moved.parent_id, kept.parent_id)
    assert merged.external_id == kept.parent_id
    gone = next(change for change in page.changes if (change.kind, change.record) == ("deleted", "parent"))
    assert (gone.external_id, gone.merged_into) == (moved.parent_id, kept.parent_id)
    everybody = await provider.held_by(str(kept.parent_id))
    assert isinstance(everybody, Holding)
    assert {contact.external_id for contact in everybody.contacts} == {kept.external_id, moved.external_id}


async def test_a_call_is_logged_escaped_and_found_again(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(JANE, reference="ref-1")
    outcome = CallOutcome(
        direction="outbound",
        answered=True,
        duration_s=125,
        phone="+1 541 555 0100",
        notes="She said <script>alert(1)</script>\nand goodbye",
        recording_url="http://not-secure.example/1.mp3",
    )
    since = now(world) - timedelta(minutes=1)
    lead_id = str(made.parent_id)
    call_id = await provider.log_call(lead_id, outcome, reference="call-7", contact_id=made.external_id)

    stored = world.close.store.activities[call_id]
    assert stored["note_html"].startswith("<p>She said &lt;script&gt;alert(1)&lt;/script&gt;</p><p>and goodbye</p>")
    assert (stored["duration"], stored["phone"], stored["disposition"]) == (125, "+15415550100", "answered")
    assert "recording_url" not in stored
    assert await provider.find_call(lead_id, "call-7", since=since) == call_id
    assert await provider.find_call(lead_id, "call-8", since=since) is None
    assert await provider.find_note(lead_id, "call-7", since=since) is None

    note_id = await provider.add_note(lead_id, "Wants a quote", reference="note-1")
    assert await provider.find_note(lead_id, "note-1", since=since) == note_id


async def test_opportunities_are_read_made_changed_and_deleted(world: CrmWorld) -> None:
    provider = world.close_provider()
    lead = await provider.api.one(leads.create(leads.LeadChanges(name="Acme")), Lead)
    draft = opportunities.OpportunityChanges(value=125_000, confidence=60, value_period="monthly")
    made = await provider.api.one(opportunities.create(lead.id, draft), Opportunity)
    assert (made.value, made.value_period, made.status_type) == (125_000, "monthly", "active")

    statuses = await provider.api.every(lambda skip: opportunities.statuses(), Status)
    won = next(status.id for status in statuses if status.type == "won")
    changed = await provider.api.one(
        opportunities.update(made.id, opportunities.OpportunityChanges(status_id=won)), Opportunity
    )
    assert (changed.status_type, changed.value) == ("won", 125_000)
    assert len(await provider.api.every(lambda skip: opportunities.of_lead(lead.id, skip), Opportunity)) == 1

    world.close.store.delete_opportunity(made.id)
    with pytest.raises(NotFound):
        await provider.api.one(opportunities.get(made.id), Opportunity)


async def test_custom_fields_are_written_and_read_by_id(world: CrmWorld) -> None:
    field_id = world.close.store.create_custom_field("contact", {"name": "Seniority"})["id"]
    provider = world.close_provider(fill_in=CloseMapping(custom_fields={"seniority": field_id}))
    enriched = msgspec.structs.replace(JANE, enrichment_data={"seniority": "vp", "departments": ["sales"]})
    made = await provider.create_contact(enriched, reference="ref-1")
    assert made.fields.enrichment_data == {"seniority": "vp"}
    assert world.close.store.contacts[made.external_id][f"custom.{field_id}"] == "vp"
    changed = await provider.update_contact(made, ContactFields(enrichment_data={"seniority": "c_suite"}))
    assert changed.fields.enrichment_data == {"seniority": "c_suite"}
