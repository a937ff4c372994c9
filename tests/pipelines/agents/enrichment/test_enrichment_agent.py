"""The enrichment agent: facts with sources, paid for once."""

import asyncio
from typing import Any

import pytest
from agent_world import running_agents

from crm.contact import ContactFields, Enrichment, PersonKey
from crm.errors import QuotaExhausted
from pipelines.agents.enrichment.agent import ENRICHMENT
from pipelines.agents.enrichment.keys import cache_key, company_domain, person_key
from pipelines.agents.lead import LeadFacts
from pipelines.agents.requests import Asked
from storage.leads.enrichment_cache import EnrichmentCache
from storage.ledger.records import EnrichmentResultRecord, ToolCallRecord
from storage.postgres.database import Database

LEAD = {"company_name": "Acme", "contact_email": "Sam.Jones@acme.test"}
TIGHT_S = 0.6
"""Shorter than the agent\'s own target, which is long to wait."""
SAM = Enrichment(
    "apollo",
    "p1",
    ContactFields(
        email="sam.jones@acme.test", first_name="Sam", last_name="Jones", title="VP Sales", company="Acme Inc"
    ),
    {"seniority": "vp", "company": {"name": "Acme Inc", "industry": "insurance", "estimated_num_employees": 120}},
)


class FakeSource:
    confidence = 0.85
    credits = 1

    def __init__(self, name: str = "apollo", found: Enrichment | None = SAM, *, delay_s: float = 0.0) -> None:
        self.name = name
        self.found = found
        self.delay_s = delay_s
        self.asked: list[PersonKey] = []

    def can_find(self, key: PersonKey) -> bool:
        return key.email is not None

    async def find(self, key: PersonKey, *, deadline_s: float) -> Enrichment | None:
        self.asked.append(key)
        await asyncio.sleep(self.delay_s)
        return self.found


class Broke(FakeSource):
    async def find(self, key: PersonKey, *, deadline_s: float) -> Enrichment | None:
        raise QuotaExhausted("no_credits", "used up", platform="apollo")


def world(database: Database, *sources: FakeSource) -> Any:
    async def connected() -> tuple[FakeSource, ...]:
        return sources

    return running_agents(database, sources=connected, enrichment_cache=EnrichmentCache(database))


async def test_every_fact_has_its_source_and_confidence(database: Database) -> None:
    async with world(database, FakeSource()) as agents:
        reply = await agents.agents.invoke("enrichment", {"lead": LEAD})
    output = reply.output
    assert output is not None
    assert output["person"]["title"] == {"value": "VP Sales", "source": "apollo", "confidence": 0.85}
    assert output["company"]["employees"]["value"] == 120
    assert output["person"]["email"]["confidence"] > 0.85  # the lead says so as well
    assert (output["sources"], output["credits"], output["problems"]) == (["apollo"], 1, [])
    assert "VP Sales" in output["summary"]
    [row] = agents.rows.of(EnrichmentResultRecord)
    assert (row.source, row.credits) == ("apollo", 1)


async def test_nobody_pays_twice_for_the_same_person(database: Database) -> None:
    source = FakeSource(delay_s=0.1)
    async with world(database, source) as agents:
        replies = await asyncio.gather(*(agents.agents.invoke("enrichment", {"lead": LEAD}) for _ in range(4)))
        again = await agents.agents.invoke("enrichment", {"lead": {}, "email": " sam.jones@ACME.test"})
    assert len(source.asked) == 1
    assert sum(reply.output["credits"] for reply in replies) == 1
    assert again.output["cached"] == ["apollo"]
    assert again.output["person"]["title"]["value"] == "VP Sales"


async def test_that_nobody_is_known_is_remembered_too(database: Database) -> None:
    source = FakeSource(found=None)
    async with world(database, source) as agents:
        for _ in range(2):
            reply = await agents.agents.invoke("enrichment", {"lead": LEAD})
    assert len(source.asked) == 1
    assert (reply.output["credits"], reply.output["sources"]) == (0, [])
    assert reply.output["person"]["first_name"]["source"] == "e-mail address"


async def test_one_source_fails_and_the_other_answers(database: Database) -> None:
    async with world(database, Broke(), FakeSource("other")) as agents:
        reply = await agents.agents.invoke("enrichment", {"lead": LEAD})
    assert reply.output["sources"] == ["other"]
    assert reply.output["problems"] == [{"source": "apollo", "code": "no_credits"}]
    calls = {row.name: row.error_code for row in agents.rows.of(ToolCallRecord)}
    assert calls == {"enrich_apollo": "no_credits", "enrich_other": None}


async def test_a_source_that_hangs_is_left_behind_in_time(database: Database) -> None:
    async with world(database, FakeSource(delay_s=60), FakeSource("other")) as agents:
        await agents.agents.warm()
        reply = await agents.agents.run(Asked(agent="enrichment", input={"lead": LEAD}, target_s=TIGHT_S))
    assert reply.latency_ms < TIGHT_S * 1000 + 200
    assert ENRICHMENT.target_s <= 2.8, "of the three seconds it has"
    assert reply.output["sources"] == ["other"]
    assert reply.output["problems"] == [{"source": "apollo", "code": "source_timeout"}]


async def test_without_any_source_the_lead_itself_is_read(database: Database) -> None:
    async with world(database) as agents:
        reply = await agents.agents.invoke("enrichment", {"lead": LEAD})
    assert (reply.status, reply.engine) == ("completed", "rules")
    assert reply.output["company"]["domain"]["value"] == "acme.test"


def test_one_person_has_one_key() -> None:
    one = person_key(LeadFacts(contact_email="Sam@Acme.test"), None)
    other = person_key(LeadFacts(contact_name="Sam Jones"), "sam@acme.test ")
    assert cache_key(one) == cache_key(other)
    assert cache_key(PersonKey()) is None
    assert "sam" not in str(cache_key(one))


@pytest.mark.parametrize(
    ("website", "address", "domain"),
    [
        ("https://www.acme.test/about", None, "acme.test"),
        ("acme.test", "sam@other.test", "acme.test"),
        (None, "sam@acme.test", "acme.test"),
        (None, "sam@gmail.com", None),
        ("nonsense", None, None),
    ],
)
def test_the_companys_domain(website: str | None, address: str | None, domain: str | None) -> None:
    assert company_domain(website, address) == domain


async def test_a_title_is_no_name_and_a_range_of_people_is_not_about(database: Database) -> None:
    lead = {"contact_name": "Dr. Anna Huber", "company_name": "Acme", "company_size": "200+"}
    async with running_agents(database) as world:
        output = (await world.agents.invoke("enrichment", {"lead": lead})).output
    assert output is not None
    assert output["person"]["first_name"]["value"] == "Anna"
    assert output["summary"] == "Anna Huber works at Acme. The company: 200+ people."
