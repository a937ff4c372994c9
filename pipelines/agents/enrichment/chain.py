"""lead and e-mail → who is meant → every source side by side → one picture of person and company → a briefing."""

import asyncio
import logging
from typing import Annotated, Any, Final

import msgspec
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from msgspec import Meta, Struct

from crm.contact import PersonKey
from crm.errors import CrmError
from pipelines.agents.claims import is_supported
from pipelines.agents.enrichment.keys import cache_key, person_key
from pipelines.agents.enrichment.merge import Told, merged, summary_by_rules
from pipelines.agents.enrichment.sources import Source
from pipelines.agents.lead import LeadFacts
from pipelines.agents.model_step import ModelStep, ask
from pipelines.agents.parts import AgentParts
from pipelines.agents.run import AgentRun
from storage.errors import StorageError
from storage.keys.secret_tokens import new_id
from storage.ledger.records import ToolCallRecord

log = logging.getLogger(__name__)

SOURCES_SHARE: Final = 0.75
"""Of the time the run has left, for the sources; the rest is for the briefing."""


class Briefing(Struct, frozen=True, forbid_unknown_fields=True):
    summary: Annotated[str, Meta(max_length=600)]
    talking_points: Annotated[list[Annotated[str, Meta(max_length=300)]], Meta(max_length=5)]


BRIEF = ModelStep(
    name="brief", task="conversation", prompt="enrichment/prompt.md", reply=Briefing, most_s=0.9, max_output_tokens=300
)


class Wanted(Struct, frozen=True):
    """Whom to look up."""

    lead: LeadFacts
    key: PersonKey


class Answer(Struct, frozen=True):
    """Of one source: what it told, where from, and what it cost."""

    source: str
    told: Told | None = None
    cached: bool = False
    credits: int = 0
    problem: str | None = None


Looked = tuple[Wanted, tuple[Answer, ...]]


def enrichment_chain(parts: AgentParts) -> Runnable[Any, dict[str, Any]]:
    """Takes ``(LeadFacts, e-mail or None)``; ``config["configurable"]["run"]`` is the AgentRun."""
    look = _LookUp(parts)
    steps = RunnableLambda(_wanted, name="key") | RunnableLambda(look.everywhere, name="look up")
    return steps | RunnableLambda(_picture, name="merge")


async def _wanted(given: tuple[LeadFacts, str | None]) -> Wanted:
    lead, email = given
    key = person_key(lead, email)
    if key.email and not lead.contact_email:
        lead = msgspec.structs.replace(lead, contact_email=key.email)
    return Wanted(lead, key)


class _LookUp:
    """Asks each source once for a person, however many ask at the same time."""

    def __init__(self, parts: AgentParts) -> None:
        self._parts = parts
        self._asking: dict[tuple[str, str], asyncio.Lock] = {}

    async def everywhere(self, wanted: Wanted, config: RunnableConfig) -> Looked:
        run: AgentRun = config["configurable"]["run"]
        key, deadline_s = cache_key(wanted.key), run.remaining_s * SOURCES_SHARE
        if key is None:
            return wanted, ()
        sources = [source for source in await self._parts.sources() if source.can_find(wanted.key)]
        answers = await asyncio.gather(*(self._ask(run, source, key, wanted.key, deadline_s) for source in sources))
        return wanted, tuple(answers)

    async def _ask(self, run: AgentRun, source: Source, key: str, person: PersonKey, deadline_s: float) -> Answer:
        began_s = run.clock()
        lock = self._asking.setdefault((source.name, key), asyncio.Lock())
        try:
            async with asyncio.timeout(deadline_s), lock:
                answer = await self._cached(source, key) or await self._fresh(source, key, person, deadline_s)
        except TimeoutError:
            answer = Answer(source.name, problem="source_timeout")
        except CrmError as error:
            answer = Answer(source.name, problem=error.code)
        except Exception:
            log.exception("source %s broke", source.name)
            answer = Answer(source.name, problem="source_error")
        finally:
            if not lock.locked():
                self._asking.pop((source.name, key), None)
        if not answer.cached:
            self._note(run, answer, (run.clock() - began_s) * 1000)
        return answer

    async def _cached(self, source: Source, key: str) -> Answer | None:
        if self._parts.enrichment_cache is None:
            return None
        try:
            kept = await self._parts.enrichment_cache.get(source.name, key)
        except StorageError as error:
            log.warning("the cache of enrichments cannot be read: %s", error.code)
            return None
        if kept is None:
            return None
        return Answer(source.name, msgspec.convert(kept.data, Told) if kept.data else None, cached=True)

    async def _fresh(self, source: Source, key: str, person: PersonKey, deadline_s: float) -> Answer:
        found = await source.find(person, deadline_s=deadline_s)
        told = Told.of(source, found) if found is not None else None
        if self._parts.enrichment_cache is not None:
            try:
                data = msgspec.to_builtins(told) if told is not None else None
                await self._parts.enrichment_cache.put(source.name, key, data)
            except StorageError as error:
                log.warning("an enrichment is not cached: %s", error.code)
        return Answer(source.name, told, credits=source.credits if told is not None else 0)

    def _note(self, run: AgentRun, answer: Answer, latency_ms: float) -> None:
        self._parts.tracker.record(
            ToolCallRecord(
                id=new_id("tool"),
                name=f"enrich_{answer.source}",
                execution_id=run.execution_id,
                conversation_id=run.whose.conversation_id,
                lead_id=run.whose.lead_id,
                status="failed" if answer.problem else "success",
                latency_ms=round(latency_ms, 2),
                error_code=answer.problem,
                created_at=self._parts.now(),
            )
        )


async def _picture(looked: Looked, config: RunnableConfig) -> dict[str, Any]:
    run: AgentRun = config["configurable"]["run"]
    wanted, answers = looked
    told = [answer.told for answer in answers if answer.told is not None]
    person, company = merged(wanted.lead, wanted.key.domain, told)
    brief = await ask(run, BRIEF, {"person": person, "company": company}) if person or company else None
    facts = [str(fact["value"]) for fact in (*person.values(), *company.values())]
    summary = brief.summary.strip() if brief is not None else ""
    return {
        "person": person,
        "company": company,
        "summary": summary if is_supported(summary, facts) else summary_by_rules(person, company),
        "talking_points": [point for point in brief.talking_points if is_supported(point, facts)] if brief else [],
        "sources": [answer.source for answer in answers if answer.told is not None],
        "cached": [answer.source for answer in answers if answer.cached],
        "credits": sum(answer.credits for answer in answers),
        "problems": [{"source": answer.source, "code": answer.problem} for answer in answers if answer.problem],
    }
