"""The past in the database: what the console's charts and lists read of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from agent_server.cli.showing.crowd import Crowd
from agent_server.cli.showing.past.weeks import DAYS, Weeks
from agent_server.cli.showing.past.writing import write
from agent_server.cli.showing.surroundings import prices_file, simulated_prices
from storage.agents.profiles import ProfileFacts
from storage.calls.figures import calls_by_hour
from storage.conversations.conversations import Conversations
from storage.crm.outbox import CrmOutbox
from storage.leads.leads import Leads
from storage.ledger.reports import Reports
from storage.ledger.turn_figures import TurnFigures
from storage.meetings.bookings import Bookings
from storage.postgres.database import Database


async def test_charts_by_day_and_hour_are_full_and_the_crm_is_not_told_anew(
    database: Database, dsn: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    prices_file(tmp_path).write_bytes(simulated_prices())
    past = Weeks(now, ProfileFacts(name="Ava", company="Acme Voice"), Crowd(1), seed=1).past()
    await write(past, dsn, tmp_path, now=now, time_zone="UTC")

    first, last = (now - timedelta(days=DAYS + 1)).date(), now.date()
    spoken = await TurnFigures(database).by_day(first, last, spoken=True)
    typed = await TurnFigures(database).by_day(first, last, spoken=False)
    assert len(spoken) >= 14 and len(typed) >= 10
    assert all(150 < day.p50_ms < 400 for day in spoken)
    costs = await Reports(database).by_day(first, last)
    assert len(costs) >= 14
    assert {(day.cost_usd, day.unpriced, day.failed) for day in costs} == {(0.0, 0, 0)}
    counted = await calls_by_hour(database, first, last, "UTC")
    assert sum(each.calls for each in counted) == len(past.calls)
    assert {"answered", "voicemail", "unanswered", "refused"} <= {each.outcome for each in counted}

    listed = await Conversations(database).list(limit=200)
    assert len(listed.items) >= min(200, len(past.talks))
    assert {kind for row in listed.items for kind in row.outcomes} == {"meeting", "opt_out", "handoff", "lead_update"}
    meetings = await Bookings(database).list(earliest=now - timedelta(days=DAYS + 1), limit=200)
    booked = [effect for talk in past.talks for effect in talk.effects if effect.name == "book_meeting"]
    assert len(meetings.items) == len(booked)
    assert all(isinstance(row.lead_id, UUID) and row.created_at < now for row in meetings.items)
    leads = await Leads(database).list(limit=200)
    assert {"qualified", "meeting_booked", "not_interested"} <= {lead.status for lead in leads.items}
    assert all(lead.created_at < now - timedelta(minutes=30) for lead in leads.items)
    assert not await CrmOutbox(database).is_due("close", now=now + timedelta(days=1))
