"""Apollo as a provider, against the simulator over HTTP."""

import msgspec
import pytest
from crm_world import CrmWorld

from crm.apollo import people
from crm.apollo.provider import ApolloProvider
from crm.client import LIVE
from crm.contact import PersonKey
from crm.errors import BadAnswer, Forbidden, QuotaExhausted, RateLimited, Unauthorized
from simulators.apollo import ApolloOptions

JANE = PersonKey(email="jane.doe@acme.example")


async def test_a_person_is_known_by_address(world: CrmWorld) -> None:
    found = await world.apollo_provider().enrich_person(JANE)
    assert found is not None
    fields = found.fields
    assert (fields.email, fields.first_name, fields.last_name) == ("jane.doe@acme.example", "Jane", "Doe")
    assert (fields.company, fields.phone) == ("Acme", "+15415550100")
    assert fields.linkedin_url == "https://www.linkedin.com/in/jane-doe"
    assert found.data["company"]["primary_domain"] == "acme.example"
    assert found.data["email_status"] == "verified"
    assert msgspec.json.decode(msgspec.json.encode(found.data)) == found.data


async def test_no_match_is_no_error(world: CrmWorld) -> None:
    provider = world.apollo_provider()
    assert await provider.enrich_person(PersonKey(email="unknown@nowhere.example")) is None
    assert await provider.enrich_company("unknown.example") is None
    assert world.apollo.credits_used == 0


async def test_ten_people_in_one_request_in_their_order(world: CrmWorld) -> None:
    keys = [PersonKey(email=f"{name}@acme.example") for name in ("ann.a", "unknown", "bob.b")]
    found = await world.apollo_provider().enrich_people(keys)
    assert [match.fields.first_name if match else None for match in found] == ["Ann", None, "Bob"]
    assert world.requests_to("apollo") == ["POST /apollo/api/v1/people/bulk_match"]
    assert world.apollo_provider().bulk_size == 10
    with pytest.raises(ValueError, match="1 to 10"):
        await world.apollo_provider().enrich_people([JANE] * 11)


async def test_a_count_of_matches_that_differs_is_not_guessed_at(
    world: CrmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = world.apollo_provider()
    monkeypatch.setattr(world.apollo, "_person", lambda details: None)
    real = people.bulk_match
    monkeypatch.setattr(people, "bulk_match", lambda keys, phones=None: real([*keys, JANE], phones))
    with pytest.raises(BadAnswer):
        await provider.enrich_people([JANE])


async def test_a_company_is_known_by_domain(world: CrmWorld) -> None:
    found = await world.apollo_provider().enrich_company("big-corp.example")
    assert found is not None
    assert found.fields.company == "Big Corp"
    assert found.data["company"]["technology_names"] == ["Salesforce", "Slack", "Amazon AWS"]
    assert await world.apollo_provider().enrich_company("unknown.example") is None


async def test_an_address_apollo_has_not_unlocked_is_none(world: CrmWorld) -> None:
    locked = {"id": "1", "first_name": "Jane", "email": "email_not_unlocked@domain.com", "organization": None}
    world.apollo.people["jane.doe@acme.example"] = locked
    found = await world.apollo_provider().enrich_person(JANE)
    assert found is not None
    assert (found.fields.email, found.fields.company, found.data) == (None, None, {})


async def test_odd_members_do_not_cost_the_person(world: CrmWorld) -> None:
    odd = {"id": "1", "first_name": "Jane", "departments": "sales", "organization": {"annual_revenue": "12M"}}
    world.apollo.people["jane.doe@acme.example"] = odd
    found = await world.apollo_provider().enrich_person(JANE)
    assert found is not None
    assert found.data == {"departments": "sales", "company": {"annual_revenue": "12M"}}


async def test_a_bad_key_is_told_by_both_doors(world: CrmWorld) -> None:
    stranger = ApolloProvider(world.apollo_client("wrong"))
    with pytest.raises(Unauthorized):
        await stranger.check()
    with pytest.raises(Unauthorized):
        await stranger.enrich_person(JANE)
    assert (await world.apollo_provider().check()).platform == "apollo"


async def test_a_key_without_the_right_and_a_key_without_credits_are_told_apart(world: CrmWorld) -> None:
    world.apollo.options = ApolloOptions(closed=("people/match",), credits=0)
    with pytest.raises(Forbidden):
        await world.apollo_provider().enrich_person(JANE)
    with pytest.raises(QuotaExhausted):
        await world.apollo_provider().enrich_company("acme.example")


async def test_the_smallest_window_holds_requests_back(world: CrmWorld) -> None:
    world.apollo.options = ApolloOptions(limits={"minute": 5, "hourly": 600, "24-hour": 2000})
    provider = world.apollo_provider()
    for _ in range(12):
        await provider.enrich_person(JANE)
    assert "status_429" not in world.simulation.seen["apollo"].counters
    assert sum(world.clock.slept) == pytest.approx(120, abs=1)
    assert world.apollo.credits_used == 12


async def test_with_empty_headers_the_refusal_teaches(world: CrmWorld) -> None:
    world.apollo.options = ApolloOptions(limits={"minute": 3, "hourly": 600, "24-hour": 2000}, empty_headers=True)
    provider = world.apollo_provider()
    for _ in range(3):
        await provider.enrich_person(JANE)
    with pytest.raises(RateLimited) as refused:
        await provider.enrich_person(JANE)
    assert refused.value.retry_after_s == pytest.approx(61)
    with pytest.raises(RateLimited):
        await provider.enrich_person(JANE, LIVE)
    assert world.simulation.seen["apollo"].counters["status_429"] == 1
    assert await provider.enrich_company("acme.example") is not None
    world.clock.now += 61
    assert await provider.enrich_person(JANE) is not None


async def test_six_hundred_an_hour_without_any_header(world: CrmWorld) -> None:
    no_limit = dict.fromkeys(("minute", "hourly", "24-hour"), 10**6)
    world.apollo.options = ApolloOptions(limits=no_limit, empty_headers=True)
    provider = world.apollo_provider()
    for _ in range(540):  # the last tenth is for live conversations
        await provider.enrich_person(JANE)
    with pytest.raises(RateLimited):
        await provider.enrich_person(JANE)


async def test_telephone_numbers_come_later_to_an_address_of_ours(world: CrmWorld) -> None:
    world.apollo.people["jane.doe@acme.example"] = {"id": "p1"}
    provider = world.apollo_provider(phones=people.PhoneDelivery("https://us.example/webhooks/apollo/s3cret"))
    assert provider.finds_phones
    assert await provider.enrich_people([JANE], phones=True) is not None
    assert world.apollo.phones.asked == ["p1"]
    await provider.enrich_people([JANE])
    await provider.enrich_person(JANE)
    assert world.apollo.phones.asked == ["p1"], "they cost: only where somebody waits for them"
    body = b'{"people": [{"id": "p1", "phone_numbers": [{"sanitized_number": "+1541"}, {"raw_number": "1542"}, {}]}]}'
    assert people.delivered_phones(body) == {"p1": ("+1541", "1542")}
    with pytest.raises(msgspec.DecodeError):
        people.delivered_phones(b"[]")


@pytest.mark.parametrize("told", [b"{}", b'{"status": "success", "people": null}'])
def test_a_delivery_may_tell_how_it_stands_and_of_nobody(told: bytes) -> None:
    assert people.delivered_phones(told) == {}


def test_who_has_no_number_costs_the_others_nothing() -> None:
    body = b"""{"people": [
        {"id": "p1", "status": "failed", "phone_numbers": null},
        {"id": "p2", "phone_numbers": [null, "1542", {"sanitized_number": "+1541"}]}
    ]}"""
    assert people.delivered_phones(body) == {"p1": (), "p2": ("+1541",)}
