"""Profiles of the agent: saved in versions, numbers of one agent alone, and what was answered on the lead."""

import asyncio
from datetime import UTC, datetime

import pytest

from storage.agents.profiles import CHANNEL, AgentProfiles, ProfileFacts, ProfileQuestion
from storage.conversations.outcomes import Outcomes
from storage.errors import StorageError
from storage.leads.leads import Leads
from storage.postgres.database import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BIKES = ProfileFacts(
    name="Zoë", questions=(ProfileQuestion("day", "Which day?", ("Monday",)),), numbers=("+14155550100",)
)


async def code_of(asked: object) -> str:
    with pytest.raises(StorageError) as refused:
        await asked  # type: ignore[misc]
    return refused.value.code


async def test_each_save_is_a_version_and_a_stale_one_is_refused(database: Database) -> None:
    kept = AgentProfiles(database)
    first = await kept.create("bikes", BIKES, by="key_1", now=NOW)
    assert (first.version, first.facts, first.updated_by) == (1, BIKES, "key_1")
    second = await kept.save("bikes", ProfileFacts(name="Max"), version=1, by=None, now=NOW)
    assert second is not None and (second.version, second.facts.name) == (2, "Max")
    stale = kept.save("bikes", ProfileFacts(name="Eve"), version=1, by=None, now=NOW)
    assert await code_of(stale) == "agent_profile_changed"
    assert [(each.version, each.facts.name) for each in await kept.versions("bikes")] == [(2, "Max"), (1, "Zoë")]
    old = await kept.version("bikes", 1)
    assert old is not None and old.facts == BIKES
    assert await kept.version("bikes", 3) is None
    assert [each.slug for each in await kept.all()] == ["bikes"]


async def test_of_two_who_save_at_once_one_is_told(database: Database) -> None:
    kept = AgentProfiles(database)
    await kept.create("bikes", BIKES, by=None, now=NOW)
    saves = [kept.save("bikes", ProfileFacts(name=name), version=1, by=None, now=NOW) for name in ("Max", "Eve")]
    outcomes = await asyncio.gather(*saves, return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["AgentProfile", "StorageError"]


async def test_the_default_one_is_written_when_it_is_saved_and_stays(database: Database) -> None:
    kept = AgentProfiles(database)
    assert await kept.save("other", BIKES, version=0, by=None, now=NOW) is None
    assert await code_of(kept.save("default", BIKES, version=1, by=None, now=NOW)) == "agent_profile_changed"
    written = await kept.save("default", BIKES, version=0, by=None, now=NOW)
    assert written is not None and written.version == 1
    assert await code_of(kept.delete("default")) == "default_agent_profile"


async def test_a_number_is_of_one_agent_and_free_when_that_is_gone(database: Database) -> None:
    kept = AgentProfiles(database)
    await kept.create("bikes", BIKES, by=None, now=NOW)
    assert await code_of(kept.create("boats", BIKES, by=None, now=NOW)) == "agent_number_taken"
    assert await code_of(kept.create("bikes", ProfileFacts(), by=None, now=NOW)) == "agent_profile_taken"
    assert await kept.delete("bikes") and not await kept.delete("bikes")
    assert (await kept.create("boats", BIKES, by=None, now=NOW)).version == 1
    assert await kept.versions("bikes") == []


async def test_whoever_listens_is_told(database: Database) -> None:
    told = asyncio.Event()
    async with database.line.listening(CHANNEL, heard=lambda _: told.set(), lost=lambda: None):
        await AgentProfiles(database).create("bikes", BIKES, by=None, now=NOW)
        async with asyncio.timeout(5):
            await told.wait()


async def test_answers_are_on_the_lead_the_newest_counts_and_a_merged_lead_keeps_them(database: Database) -> None:
    outcomes, leads = Outcomes(database, now=lambda: NOW), Leads(database)
    given = {"answers": {"day": " Monday\n", "size": "large", "Not A Key": "x", "none": ""}}
    await outcomes.record("1", "conv_1", "lead_update", given)
    await outcomes.record("2", "conv_1", "lead_update", {"answers": {"day": "Friday"}})
    nobody = (await leads.list()).items[0]
    assert nobody.answers == {"day": "Friday", "size": "large"}
    ada = await leads.create({"contact_email": "ada@example.com"}, now=NOW)
    await outcomes.record("3", "conv_2", "lead_update", {"email": "ada@example.com", "answers": {"size": "small"}})
    await outcomes.record("4", "conv_1", "lead_update", {"email": "ada@example.com"})
    (one,) = (await leads.list()).items
    assert (one.id, one.answers) == (ada.id, {"day": "Friday", "size": "small"})
