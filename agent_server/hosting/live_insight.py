"""Beside a live conversation: who is talking is looked up, each answer is scored, and the next reply knows.

Nothing here is waited for by a turn. What it finds becomes a fact for the conversation (``Briefed``), as small as the
model needs it; the lead and the ledger keep the rest.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import structs

from agent_server.agents.lead_facts import facts_of
from agent_server.agents.parts import AgentService
from agent_server.hosting.lead_changes import LeadChanges
from agent_server.hosting.telling_words import could_change_score
from pipelines.agents.errors import AgentError
from pipelines.agents.lead import LeadFacts
from pipelines.agents.lead_zone import zone_of
from pipelines.agents.qualification.result import Qualification
from pipelines.briefing import Briefing, written
from pipelines.conversation import actions as act
from pipelines.conversation.facts import Briefed, Fact
from pipelines.conversation.items import Item
from pipelines.conversation.rim.runner import ConversationRunner
from storage.conversations.outcomes import Outcomes
from storage.errors import StorageError
from storage.leads import after_outcomes
from storage.leads.leads import Leads, new_lead
from storage.leads.of_conversations import lead_of_conversation
from storage.leads.records import LeadRecord
from storage.postgres.database import Database

log = logging.getLogger(__name__)

TELLING_TOOLS = frozenset({"update_lead", "book_meeting"})
MAX_SAID_CHARS = 8_000
"""Of the caller's latest words."""

QUALIFY_S = 2.0
REST_S = 0.05
"""From news to the look at them: the reply to what was said goes first, and a client that floods is no burden."""

LAST_LOOK_S = 0.5
"""A caller who hangs up is scored by the last words too, unless that keeps the next connection waiting."""

_PERSON = {"title": "contact_title", "phone": "contact_phone", "linkedin_url": "linkedin_url"}
_COMPANY = {
    "company_name": "company_name",
    "website": "company_website",
    "industry": "industry",
    "employees": "company_size",
}


class LiveInsight:
    """Of one conversation. An Observer of it; the work runs inside ``following``."""

    def __init__(
        self,
        conversation_id: str,
        service: AgentService,
        database: Database,
        changes: LeadChanges,
        utc_now: Callable[[], datetime],
        *,
        office: ZoneInfo,
        items: Iterable[Item] = (),
        lead_id: UUID | None = None,
        asks: frozenset[str] = frozenset(),
        qualifies: bool = True,
    ) -> None:
        """``changes``: tells of leads that somebody changed · ``asks``: keys of the operator's questions ·
        ``qualifies``: whether others are asked besides · ``office``: by whose clock meetings are offered · ``items``:
        what was said before, of a conversation that is continued · ``lead_id``: who is talking, where that is known
        before anything is said."""
        self._id = conversation_id
        self._service = service
        self._database = database
        self._changes = changes
        self._utc_now = utc_now
        self._office = office
        self._said = {item.id: item.words[-MAX_SAID_CHARS:] for item in items if item.role == "user" and item.words}
        self._lead_id = lead_id
        self._known_id = lead_id
        self._began_at = utc_now()
        self._asks = asks
        self._qualifies = qualifies
        self._due = asyncio.Event()
        self._due.set()
        self._soon: asyncio.TimerHandle | None = None
        """Until it is due: no task is woken beside the reply that is being asked for."""
        self._settled = asyncio.Event()
        """Everything that was seen has been looked at."""
        self._news = any(could_change_score(words, asked=True) for words in self._said.values())
        """The caller said something since the last score that could change it."""
        self._asked = False
        """The agent's last words were a question."""
        self._sought: set[str] = set()
        self._scored = (LeadFacts(), "")
        self._result: Qualification | None = None
        """The last score."""
        self._told = ""
        self._zone: ZoneInfo | None = None
        self._zone_told_by: tuple[str | None, ...] = ()

    def saw(self, _fact: Fact, actions: Sequence[act.Action], _now_ms: float) -> None:
        for action in actions:
            if isinstance(action, act.Remember) and action.item.words:
                self._heard(action.item)
            elif isinstance(action, act.LetGo):
                for item_id in action.item_ids:
                    self._said.pop(item_id, None)
            elif self._may_be_news(action):
                self._look_again()

    def _may_be_news(self, action: act.Action) -> bool:
        """A tool told of the lead; or the caller speaks, and what a person wrote of their answers is known when they
        end, were it told unheard."""
        if isinstance(action, act.ToolEnded):
            return action.name in TELLING_TOOLS and not action.failed
        return bool(self._asks) and isinstance(action, act.SpeechStarted)

    def _heard(self, item: Item) -> None:
        if item.role == "assistant":
            self._asked = item.words.rstrip().endswith("?")
        elif item.role == "user" and self._said.get(item.id) != (words := item.words[-MAX_SAID_CHARS:]):
            self._said[item.id] = words
            self._news |= could_change_score(words, asked=self._asked)
            self._look_again()

    def _changed(self, lead_id: UUID | None) -> None:
        """Somebody changed a lead; None: any. A lead that the conversation brings is looked at when it does."""
        if lead_id is None or lead_id == self._lead_id:
            self._look_again()

    @asynccontextmanager
    async def following(self, runner: ConversationRunner) -> AsyncIterator[None]:
        task = asyncio.create_task(self._follow(runner), name=f"{self._id} insight")
        try:
            with self._changes.telling(self._changed):
                yield
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_LOOK_S):
                    await self._settled.wait()
        finally:
            if self._soon is not None:
                self._soon.cancel()
            task.cancel()
            await asyncio.wait([task])

    def _look_again(self) -> None:
        self._settled.clear()
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(REST_S, self._is_due)

    def _is_due(self) -> None:
        self._soon = None
        self._due.set()

    async def _follow(self, runner: ConversationRunner) -> None:
        """What comes while one round runs is for the next: a fast talker costs no more rounds."""
        failing = False
        while True:
            self._due.clear()
            try:
                await self._look(runner)
                failing = False
            except (StorageError, AgentError) as error:
                if not failing:
                    log.warning("a conversation goes on without being scored: %s", error.code)
                failing = True
            except Exception:
                log.exception("scoring a conversation broke")
            if self._soon is None and not self._due.is_set():
                self._settled.set()
            await self._due.wait()

    async def _look(self, runner: ConversationRunner) -> None:
        lead = await lead_of_conversation(self._database, self._id)
        if lead is None and self._lead_id is not None:  # its row is written behind and may not be there yet
            lead = await Leads(self._database).get(self._lead_id)
        if lead is not None:
            self._lead_id = lead.id
        if lead is not None and (enriched := await self._enriched(lead)) is not None:
            lead = enriched
        known = facts_of(lead) if lead is not None else LeadFacts()
        said = _latest(self._said, MAX_SAID_CHARS)
        scored_lead, scored_words = self._scored
        news = self._news or known != scored_lead
        if (known, said) == self._scored or (scored_words and not news):
            return
        self._scored, self._news = (known, said), False
        hearable = known if lead is None or self._is_theirs(lead) else await self._told_here()
        zone = await self._zone_elsewhere(hearable)
        if self._result is not None:  # what is known does not wait for what it makes of the score
            self._tell(runner, lead, hearable, self._result, zone)
        notes = "\n".join(filter(None, (known.notes, said)))[-20_000:]
        found = await self._service.agents.qualify(
            structs.replace(known, notes=notes or None),
            lead_id=lead.id if lead is not None else None,
            conversation_id=self._id,
            deadline_s=QUALIFY_S if news else 0.0,  # a greeting is scored by rules, and asks no model
        )
        self._result = found.qualification
        self._tell(runner, lead, hearable, self._result, zone)

    def _tell(
        self,
        runner: ConversationRunner,
        lead: LeadRecord | None,
        hearable: LeadFacts,
        result: Qualification,
        zone: str | None,
    ) -> None:
        told = lead.answers if lead is not None else {}
        answered = tuple(key for key in sorted(self._asks) if key in told)
        notes_of = lead.answer_notes if lead is not None else {}
        corrected = (key for key in sorted(self._asks) if key in notes_of and notes_of[key].key_id is not None)
        briefing = Briefing(
            known=_shown(hearable),
            score=result.score,
            tier=result.tier,
            missing=tuple(name for name in result.missing if self._qualifies or name == "need"),
            answered=answered,
            answers={key: told[key] for key in answered if lead is not None and self._may_hear(lead, key)},
            corrected=tuple(corrected),
            time_zone=zone,
        )
        text = written(briefing, asks_more=len(answered) < len(self._asks))
        if text != self._told:
            self._told = text
            runner.post(Briefed(text))

    def _is_theirs(self, lead: LeadRecord) -> bool:
        """Whether the line says that it is the caller's, or nothing of it is from before. Anybody can name an address,
        so who is known by that alone hears nothing from before: no name, no company, no clock, no answer."""
        return lead.id == self._known_id or lead.conversation_id == self._id

    async def _told_here(self) -> LeadFacts:
        """What was told in this conversation itself."""
        told: dict[str, Any] = {}
        for outcome in await Outcomes(self._database).of_conversation(self._id):
            told |= after_outcomes.said(outcome.kind, outcome.data)
        return facts_of(new_lead(told, now=self._utc_now()))

    def _may_hear(self, lead: LeadRecord, key: str) -> bool:
        """Whether the caller may be told what the lead answered: also what a person wrote of it since they came."""
        if self._is_theirs(lead):
            return True
        note = lead.answer_notes.get(key)
        return note is not None and note.at >= self._began_at

    async def _zone_elsewhere(self, lead: LeadFacts) -> str | None:
        """The caller's zone where its clock is another than the office's."""
        now = self._utc_now()
        told_by = (lead.time_zone, lead.contact_phone, lead.contact_email, lead.company_website)
        if told_by != self._zone_told_by:
            self._zone, self._zone_told_by = await zone_of(lead, now), told_by
        zone = self._zone
        differs = zone is not None and now.astimezone(zone).utcoffset() != now.astimezone(self._office).utcoffset()
        return zone.key if zone is not None and differs else None

    async def _enriched(self, lead: LeadRecord) -> LeadRecord | None:
        """The lead with what the sources know; each address or profile is looked up once in a conversation."""
        key = lead.contact_email or lead.linkedin_url or lead.company_website
        if key is None or key in self._sought or not await self._service.has_sources():
            return None
        self._sought.add(key)
        reply = await self._service.agents.invoke("enrichment", {"lead_id": str(lead.id)}, conversation_id=self._id)
        return await self._filled(lead.id, reply.output or {})

    async def _filled(self, lead_id: UUID, output: dict[str, Any]) -> LeadRecord | None:
        facts = found_facts(output)
        return await Leads(self._database).fill(lead_id, facts, now=self._utc_now()) if facts else None


def _latest(said: dict[str, str], chars: int) -> str:
    """The last of what was said, as much as that."""
    texts: list[str] = []
    left = chars
    for words in reversed(said.values()):
        texts.append(words)
        left -= len(words) + 1
        if left <= 0:
            break
    return "\n".join(reversed(texts))[-chars:]


def found_facts(output: dict[str, Any]) -> dict[str, str]:
    """The fields of a lead that an enrichment's output tells, guesses left out."""
    person, company = output.get("person", {}), output.get("company", {})

    def told(facts: dict[str, Any], name: str) -> str | None:
        found = facts.get(name)
        if found is None or found["source"] not in output.get("sources", ()):
            return None
        return str(found["value"])[:300]

    facts = {field: told(person, name) for name, field in _PERSON.items()}
    facts |= {field: told(company, name) for name, field in _COMPANY.items()}
    facts["contact_name"] = " ".join(filter(None, (told(person, "first_name"), told(person, "last_name")))) or None
    return {name: value for name, value in facts.items() if value}


def _shown(lead: LeadFacts) -> dict[str, str]:
    values = {
        "name": lead.contact_name,
        "company": lead.company_name,
        "title": lead.contact_title,
        "industry": lead.industry,
        "company_size": lead.company_size,
    }
    return {name: str(value) for name, value in values.items() if value not in (None, "")}
