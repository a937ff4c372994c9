"""The weeks before a moment: who was called, who came, and what became of it. Pure: seeded, and time passed in."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from agent_server.cli.showing.crowd import Crowd, Person, sources
from agent_server.cli.showing.past.talk import Calendar, HeldTalk, Memory
from agent_server.telephony.outbound import opening
from agent_server.telephony.outbound.permission import CallFacts, CallingRules, Permitted, may_call
from pipelines.agent_profile import instructions_of
from pipelines.agents.lead import LeadFacts
from pipelines.agents.qualification.rules import by_rules
from pipelines.playbook.slots import business_slots
from storage.agents.profiles import ProfileFacts
from storage.calls.outbound import OutboundCall
from storage.leads.records import LeadRecord
from storage.ledger.records import ExecutionRecord

DAYS: Final = 20
PURPOSE: Final = "your trial"
CALLER_NUMBER: Final = "+14155550100"

_TALKS: Final = {"weekday": (6, 11), "weekend": (1, 4)}
"""Who comes on a day: least and most."""

_CALLS: Final = {"weekday": (7, 11), "weekend": (0, 0)}
_COME_AT: Final = (9.5, 10.5, 11.0, 13.0, 14.5, 15.0, 16.5, 19.0)
_CALLED_AT: Final = (9.0, 10.0, 11.0, 12.5, 14.0, 16.0, 17.5, 21.5)
"""Hours of the day around which it happens; those of calls are of the called person's day."""

_ANSWERS: Final = {9: 0.25, 10: 0.45, 11: 0.5, 12: 0.2, 13: 0.25, 14: 0.35, 15: 0.4, 16: 0.55, 17: 0.5, 18: 0.3}
"""How likely somebody is there, by their hour."""

_KNOWN: Final = 0.4
"""Of those who telephone, so many are leads already."""

_AGREED: Final = 0.96
_TRIED_AGAIN: Final = 0.5
"""Of the calls, so many go to somebody who was not reached."""

Ended = Literal["completed", "voicemail", "no_answer", "busy"]


class Agreed(Struct, frozen=True):
    """Whose consent was recorded."""

    number: str
    lead_id: UUID
    at: datetime


class Past(Struct, frozen=True):
    """In order of time."""

    leads: tuple[LeadRecord, ...]
    runs: tuple[ExecutionRecord, ...]
    consents: tuple[Agreed, ...]
    calls: tuple[OutboundCall, ...]
    talks: tuple[HeldTalk, ...]


class Weeks:
    """``now`` with the office's zone. ``facts``: of the agent that talked. Used once."""

    def __init__(self, now: datetime, facts: ProfileFacts, crowd: Crowd, seed: int) -> None:
        self._now = now
        self._facts = facts
        self._crowd = crowd
        self._random = Random(seed)  # noqa: S311 - an order, no secret
        self._memory = Memory(Calendar(now, business_slots), self._random)
        self._not_reached: list[tuple[Person, LeadRecord]] = []
        self._leads: list[LeadRecord] = []
        self._runs: list[ExecutionRecord] = []
        self._consents: list[Agreed] = []
        self._calls: list[OutboundCall] = []
        self._talks: list[HeldTalk] = []

    def past(self) -> Past:
        first = self._now.date() - timedelta(days=DAYS)
        for ahead in range(DAYS):
            self._live_through(first + timedelta(days=ahead))
        return Past(
            tuple(self._leads), tuple(self._runs), tuple(self._consents), tuple(self._calls), tuple(self._talks)
        )

    def _live_through(self, day: date) -> None:
        self._random.shuffle(self._not_reached)
        happens = [(at, self._call) for at in self._moments(day, _CALLS, _CALLED_AT)]
        happens += [(at, self._come) for at in self._moments(day, _TALKS, _COME_AT)]
        for at, what in sorted(happens, key=lambda each: each[0]):
            what(at)

    def _moments(self, day: date, often: dict[str, tuple[int, int]], around: tuple[float, ...]) -> Iterator[datetime]:
        midnight = datetime.combine(day, time.min, self._now.tzinfo)
        for _ in range(self._random.randint(*often["weekday" if day.weekday() < 5 else "weekend"])):
            hour = self._random.choice(around) + self._random.uniform(-0.9, 0.9)
            yield midnight + timedelta(hours=hour)

    def _come(self, at: datetime) -> None:
        person = self._crowd.person()
        visit = self._crowd.visit(person, sources().talks)
        metadata: dict[str, str] = {}
        lead_id = None
        if visit.number is not None:
            metadata = {"carrier": "twilio", "calls_to": CALLER_NUMBER, "calls_from": visit.number}
            lead_id = self._lead(person, at).id if self._random.random() < _KNOWN else None
        talk = self._memory.hold(visit, at, instructions_of(self._facts, ""), lead_id=lead_id, metadata=metadata)
        self._talks.append(talk)
        self._judge_again(talk)

    def _call(self, at: datetime) -> None:
        """At that hour of theirs, so far as it is not in the future."""
        is_again = bool(self._not_reached) and self._random.random() < _TRIED_AGAIN
        person = self._not_reached[0][0] if is_again else self._crowd.person()
        at = at.replace(tzinfo=None).replace(tzinfo=ZoneInfo(person.time_zone)).astimezone(self._now.tzinfo)
        if at > self._now - timedelta(hours=1):
            return
        lead = self._not_reached.pop(0)[1] if is_again else self._lead(person, at)
        has_agreed = is_again or self._random.random() < _AGREED
        if has_agreed and not is_again:
            self._consents.append(Agreed(person.number, lead.id, lead.created_at))
        zones = (ZoneInfo(person.time_zone),)
        allowed = may_call(
            CallFacts(consent="express_written" if has_agreed else None, zones=zones), CallingRules(), at
        )
        conversation_id = f"conv_{self._random.getrandbits(96):024x}"
        call = OutboundCall(
            id=f"call_{self._random.getrandbits(128):032x}",
            number=person.number,
            lead_id=lead.id,
            conversation_id=conversation_id,
            purpose=PURPOSE,
            status="refused",
            created_at=at,
            ended_at=at,
            updated_at=at,
        )
        if isinstance(allowed, Permitted):
            call = self._dialled(call, person, at)
            if call.status in ("no_answer", "busy"):
                self._not_reached.append((person, lead))
        else:
            call = structs.replace(call, code=allowed.code, message=allowed.message, retry_at=allowed.retry_at)
        self._calls.append(call)

    def _dialled(self, call: OutboundCall, person: Person, at: datetime) -> OutboundCall:
        ended = self._ended(at.astimezone(ZoneInfo(person.time_zone)).hour)
        rings_s = self._random.uniform(4, 14) if ended != "no_answer" else 30.0
        answered_at = at + timedelta(seconds=rings_s)
        call = structs.replace(call, status=ended, carrier="twilio", dialled_at=at + timedelta(seconds=0.3))
        if ended in ("no_answer", "busy"):
            return structs.replace(call, ended_at=answered_at, updated_at=answered_at)
        talk = self._answered(call, person, answered_at, is_machine=ended == "voicemail")
        self._talks.append(talk)
        self._judge_again(talk)
        return structs.replace(
            call,
            conversation_id=talk.conversation.id,
            answered_by="human" if ended == "completed" else "machine_end_beep",
            left_message=ended == "voicemail",
            answered_at=answered_at,
            ended_at=talk.conversation.ended_at,
            updated_at=talk.conversation.updated_at,
        )

    def _answered(self, call: OutboundCall, person: Person, at: datetime, *, is_machine: bool) -> HeldTalk:
        metadata = {
            "carrier": "twilio",
            "direction": "outbound",
            "calls_from": CALLER_NUMBER,
            "calls_to": person.number,
            "phone": person.number,
        }
        name, company = self._facts.name or "", self._facts.company or ""
        if is_machine:
            words = opening.message(name, company, CALLER_NUMBER, purpose=PURPOSE)
            return self._memory.say(words, at, lead_id=call.lead_id, metadata=metadata)
        greeting = opening.greeting(name, company, name=person.name, purpose=PURPOSE)
        manner = opening.instructions(greeting, purpose=PURPOSE)
        visit = self._crowd.visit(person, sources().answered)
        return self._memory.hold(
            visit, at, instructions_of(self._facts, manner), lead_id=call.lead_id, metadata=metadata
        )

    def _ended(self, hour: int) -> Ended:
        answers = _ANSWERS.get(hour, 0.2)
        left = 1 - answers
        kinds: tuple[Ended, ...] = ("completed", "voicemail", "no_answer", "busy")
        return self._random.choices(kinds, (answers, left * 0.4, left * 0.45, left * 0.15))[0]

    def _lead(self, person: Person, at: datetime) -> LeadRecord:
        """Who is known since the hour before, by a form on the web page, and was judged at once."""
        known_at = at - timedelta(minutes=self._random.uniform(40, 70))
        facts = LeadFacts(
            company_name=person.company,
            company_size=person.size,
            industry=person.industry,
            contact_name=person.name,
            contact_email=person.email,
            contact_title=person.title,
            contact_phone=person.number,
            time_zone=person.time_zone,
        )
        lead = LeadRecord(
            id=UUID(int=self._random.getrandbits(128), version=4),
            **structs.asdict(facts) | {"answers": {}},
            source="Web form",
            created_at=known_at,
            updated_at=known_at,
        )
        self._leads.append(self._judged(lead, facts, known_at))
        return self._leads[-1]

    def _judge_again(self, talk: HeldTalk) -> None:
        """By what was told in a talk, of a lead that is known."""
        told = [effect for effect in talk.effects if effect.name == "update_lead"]
        place = next((at for at, lead in enumerate(self._leads) if lead.id == talk.conversation.lead_id), None)
        if not told or place is None:
            return
        lead = self._leads[place]
        known = {name: getattr(lead, name) for name in LeadFacts.__struct_fields__ if name != "answers"}
        for effect in told:
            known |= {name: value for name, value in effect.arguments.items() if name in known}
        self._leads[place] = self._judged(lead, LeadFacts(**known), told[-1].at)

    def _judged(self, lead: LeadRecord, facts: LeadFacts, at: datetime) -> LeadRecord:
        judged, took_ms = by_rules(facts), self._random.triangular(2, 30, 6)
        self._runs.append(
            ExecutionRecord(
                id=f"exec_{self._random.getrandbits(128):032x}",
                agent_type="qualification",
                lead_id=lead.id,
                status="success",
                engine="rules",
                started_at=at,
                completed_at=at + timedelta(milliseconds=took_ms),
                latency_ms=took_ms,
            )
        )
        return structs.replace(
            lead,
            status="qualified" if judged.tier != "cold" else "unqualified",
            qualification_score=judged.score,
            qualification_tier=judged.tier,
            qualification_reasoning=judged.reasoning,
            qualification_latency_ms=took_ms,
            qualified_at=at,
        )
