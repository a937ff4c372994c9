"""An office on the real calendar whose processes come and go, and what its agents ask."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agent_world import running_agents

from agent_server.agents.lead_facts import KeptLeads
from pipelines.agents.replies import AgentReply
from pipelines.calendar.embedded import EmbeddedCalendar
from pipelines.calendar.rules import CalendarRules, read_hours
from storage.leads.leads import Leads
from storage.meetings.bookings import Bookings
from storage.meetings.records import BookingRow
from storage.postgres.database import Database

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 12, 7, 12, tzinfo=UTC)
RULES = CalendarRules(zone=BERLIN, hours=read_hours("mon-fri 09:00-17:00"), notice_minutes=60)
LEAD = {"company_name": "Acme", "contact_email": "sam@acme.test"}


class Office:
    """Processes that come and go, one clock, and one calendar."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = MONDAY
        self.bookings = Bookings(database)
        self.calendar = EmbeddedCalendar(self.bookings, RULES, now=self.clock)

    def clock(self) -> datetime:
        return self.now

    async def run(self, agent: str = "bdr", given: Any = None, thread_id: str | None = None, answer: Any = None) -> Any:
        """In a process of its own."""
        leads = KeptLeads(Leads(self.database))
        async with running_agents(
            self.database, calendar=self.calendar, zone=BERLIN, now=self.clock, leads=leads
        ) as world:
            if thread_id is not None and given is None:
                return await world.agents.resume(agent, thread_id, answer)
            return await world.agents.invoke(agent, given or asking(), thread_id=thread_id)

    def monday_at(self, hour: int) -> datetime:
        return MONDAY.astimezone(BERLIN).replace(hour=hour)

    async def booked(self) -> list[BookingRow]:
        page = await self.bookings.list(earliest=MONDAY - timedelta(days=1), status="booked")
        return list(page.items)


def asking(**more: Any) -> dict[str, Any]:
    return {"lead": LEAD, "time_zone": "Europe/Berlin", **more}


def times(reply: AgentReply) -> list[datetime]:
    assert reply.status == "interrupted", reply
    return [datetime.fromisoformat(slot) for slot in reply.interrupts[0].value["slots"]]


def question(reply: AgentReply) -> str:
    text: str = reply.interrupts[0].value["question"]
    return text
