"""Who the agent is, as a sales team writes it: profiles, each with every version that was saved."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from asyncpg import Record
from msgspec import Struct

from storage.errors import StorageError
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

CHANNEL: Final = "agent_profiles"
"""As the trigger of migration 0009_agents names it."""

DEFAULT_SLUG: Final = "default"
"""Of the profile that talks where nothing else is said."""

MOST_PROFILES: Final = 100
"""All of them are in every process's memory."""

MOST_VERSIONS_SHOWN: Final = 100

Eagerness = Literal["low", "medium", "high", "auto"]

_QUERIES = load_queries("storage.queries", "agent_profiles.sql")


class ProfileQuestion(Struct, frozen=True):
    """``key``: what its answer is kept under · ``choices``: the answers to choose from; none: any words will do."""

    key: str
    question: str
    choices: tuple[str, ...] = ()


class ProfileFacts(Struct, frozen=True, kw_only=True):
    """``greeting``: what it says first; empty: its own words · ``about``: what it sells, and what one should know ·
    ``rules``: what to do and never to do · ``questions``: to be asked in this order · ``qualifies``: whether it finds
    out besides how large their team is, their budget, who decides and when · ``voice`` None: the provider's own ·
    ``speed``: 1.0 is normal · ``eagerness``: how soon it takes its turn · ``language``: what it talks, a BCP 47 tag ·
    ``transfer_number`` None: as the settings say · ``numbers``: those it answers, E.164."""

    name: str = ""
    company: str = ""
    greeting: str = ""
    about: str = ""
    rules: tuple[str, ...] = ()
    questions: tuple[ProfileQuestion, ...] = ()
    qualifies: bool = True
    voice: str | None = None
    speed: float = 1.0
    eagerness: Eagerness = "auto"
    language: str = "en"
    transfer_number: str | None = None
    numbers: tuple[str, ...] = ()


class AgentProfile(Struct, frozen=True, kw_only=True):
    """``version`` counts what was saved; 0: nothing was, the settings make it. ``updated_by``: the key."""

    slug: str
    version: int = 0
    facts: ProfileFacts
    created_at: datetime | None = None
    updated_at: datetime | None = None
    updated_by: str | None = None


class ProfileVersion(Struct, frozen=True, kw_only=True):
    """``saved_by_name``: what the key is called."""

    slug: str
    version: int
    facts: ProfileFacts
    saved_at: datetime
    saved_by: str | None
    saved_by_name: str | None


class AgentProfiles(Struct, frozen=True):
    """The repository of profiles. Every method raises StorageError."""

    database: Database

    async def all(self) -> tuple[AgentProfile, ...]:
        return tuple(_profile(row) for row in await self.database.fetch_all(_QUERIES["select_profiles"]))

    async def create(self, slug: str, facts: ProfileFacts, *, by: str | None, now: datetime) -> AgentProfile:
        """Raises ``agent_profile_taken``, ``agent_profiles_full``, and what ``save`` raises of numbers."""
        async with self.database.transaction() as transaction:
            await _lock(transaction)
            if await transaction.fetch_value(_QUERIES["lock_profile"], slug=slug) is not None:
                raise StorageError("agent_profile_taken", f"There is an agent called '{slug}' already.")
            return await _insert(transaction, slug, facts, by=by, now=now)

    async def save(
        self, slug: str, facts: ProfileFacts, *, version: int, by: str | None, now: datetime
    ) -> AgentProfile | None:
        """``version``: the one it was read at; 0 writes one that only the settings made so far. None: there is no such
        profile. Raises ``agent_profile_changed`` when it was saved meanwhile, ``agent_number_taken`` when another one
        answers one of its numbers."""
        async with self.database.transaction() as transaction:
            await _lock(transaction)
            current = await transaction.fetch_value(_QUERIES["lock_profile"], slug=slug)
            if current is None and slug != DEFAULT_SLUG:
                return None
            if (current or 0) != version:
                raise StorageError("agent_profile_changed", "It was saved by somebody else meanwhile; read it again.")
            if current is None:
                return await _insert(transaction, slug, facts, by=by, now=now)
            await _check_numbers(transaction, slug, facts)
            row = await transaction.fetch_one(
                _QUERIES["update_profile"], slug=slug, facts=msgspec.to_builtins(facts), by=by, now=now
            )
            assert row is not None, "it is locked"
            return await _kept(transaction, _profile(row), by=by, now=now)

    async def delete(self, slug: str) -> bool:
        """With its versions. False: there is no such profile. Raises ``default_agent_profile``, and where a call list
        calls in its name, or is to, ``agent_profile_in_use``."""
        if slug == DEFAULT_SLUG:
            raise StorageError("default_agent_profile", "Somebody has to answer: the default agent cannot be deleted.")
        async with self.database.transaction() as transaction:
            used_by = await transaction.fetch_value(_QUERIES["call_list_of_profile"], slug=slug)
            if used_by is not None:
                message = f"The call list '{used_by}' calls in its name: give that another agent, or stop it, before."
                raise StorageError("agent_profile_in_use", message)
            return await transaction.execute(_QUERIES["delete_profile"], slug=slug) == 1

    async def versions(self, slug: str) -> Sequence[ProfileVersion]:
        """The newest first, and not more than are shown."""
        return await self._versions(slug, version=None)

    async def version(self, slug: str, version: int) -> ProfileVersion | None:
        return next(iter(await self._versions(slug, version=version)), None)

    async def _versions(self, slug: str, *, version: int | None) -> Sequence[ProfileVersion]:
        rows = await self.database.fetch_all(
            _QUERIES["list_profile_versions"], slug=slug, version=version, rows=MOST_VERSIONS_SHOWN
        )
        return [ProfileVersion(**{**row, "facts": _facts(row["facts"])}) for row in rows]


async def _lock(transaction: Transaction) -> None:
    await transaction.fetch_value(_QUERIES["lock_profiles"])


async def _insert(
    transaction: Transaction, slug: str, facts: ProfileFacts, *, by: str | None, now: datetime
) -> AgentProfile:
    if await transaction.fetch_value(_QUERIES["count_profiles"]) >= MOST_PROFILES:
        raise StorageError("agent_profiles_full", f"At most {MOST_PROFILES} agents are kept.")
    await _check_numbers(transaction, slug, facts)
    row = await transaction.fetch_one(
        _QUERIES["insert_profile"], slug=slug, facts=msgspec.to_builtins(facts), by=by, now=now
    )
    assert row is not None, "it is locked"
    return await _kept(transaction, _profile(row), by=by, now=now)


async def _check_numbers(transaction: Transaction, slug: str, facts: ProfileFacts) -> None:
    other = await transaction.fetch_value(_QUERIES["profile_of_numbers"], slug=slug, numbers=list(facts.numbers))
    if other is not None:
        raise StorageError("agent_number_taken", f"The agent '{other}' answers one of these numbers.")


async def _kept(transaction: Transaction, profile: AgentProfile, *, by: str | None, now: datetime) -> AgentProfile:
    await transaction.execute(
        _QUERIES["insert_profile_version"],
        slug=profile.slug,
        version=profile.version,
        facts=msgspec.to_builtins(profile.facts),
        by=by,
        now=now,
    )
    return profile


def _profile(row: Record) -> AgentProfile:
    return AgentProfile(**{**row, "facts": _facts(row["facts"])})


def _facts(kept: Any) -> ProfileFacts:
    return msgspec.convert(kept, ProfileFacts)
