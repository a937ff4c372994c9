"""Every list the product shows beside leads, and the counts beside them: what each asks of a database full of rows."""

import random
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from million_rows import START, lead_id, rows_of

from storage.calls.figures import calls_by_hour
from storage.calls.outbound import OutboundCalls
from storage.conversations.conversations import Conversations
from storage.crm.backlog import CrmBacklogs
from storage.crm.conflicts import CrmConflicts
from storage.crm.contact_search import contact_search_of
from storage.crm.contacts import CrmContacts
from storage.crm.dead_letters import CrmDeadLetters
from storage.crm.opportunities import CrmOpportunities
from storage.crm.sync_runs import CrmSyncRuns
from storage.keys.api_keys import ApiKeys
from storage.ledger.reports import Reports
from storage.ledger.turn_figures import TurnFigures
from storage.meetings.bookings import Bookings
from storage.postgres.cursor import encode_cursor
from storage.postgres.database import Database

Action = Callable[[], Awaitable[object]]
DAYS = (date(2025, 1, 1), date(2026, 12, 31))
CONTACT_SEARCHES = (
    "jane", "acme", "surname77", "surn", "jane surname77", "acme 3e2b", "user77@", "user77", "zebra", "+1 415",
    "415 55", "5557", "(212) 555-7", "+1 (415) 000-0077",
)  # fmt: skip
"""By what all have, many, few, one and none; words, addresses and numbers whole and in part."""


def reports(database: Database) -> dict[str, Action]:
    found, lead = Reports(database), lead_id(1)
    return {
        "costs by day, two years": partial(found.by_day, *DAYS),
        "costs by provider, two years": partial(found.by_provider, *DAYS),
        "costs by agent, two years": partial(found.by_agent, *DAYS),
        "costs of conversations, two years": partial(found.of_conversations, *DAYS),
        "costs of one lead by day": partial(found.of_lead, lead, *DAYS),
        "costs by lead": found.by_lead,
        "executions": found.executions,
        "executions, failed": partial(found.executions, status="failed"),
        "executions, running (none)": partial(found.executions, status="running"),
        "executions of an agent": partial(found.executions, agent_type="bdr"),
        "executions of an agent, running (none)": partial(found.executions, agent_type="bdr", status="running"),
        "executions of an agent that never ran": partial(found.executions, agent_type="marketing"),
        "executions of a lead": partial(found.executions, lead_id=lead),
        "executions, failed ones of a lead": partial(found.executions, lead_id=lead, status="failed"),
        "executions of a conversation": partial(found.executions, conversation_id="conv_7"),
    }


def conversations(database: Database) -> dict[str, Action]:
    """What is shown of conversations beside their list: one in full, and how fast replies came."""
    found, quarter = TurnFigures(database), (date(2025, 3, 1), date(2025, 5, 31))
    phone, rare = TurnFigures(database, channel="phone"), TurnFigures(database, channel="terminal")
    return {
        "one conversation, its items and turns": partial(Conversations(database).load, "conv_777"),
        "latencies by day, 92 days": partial(found.by_day, *quarter, spoken=True),
        "latencies by stage, 92 days": partial(found.by_stage, *quarter, spoken=True),
        "latencies by stage, 30 days": partial(found.by_stage, date(2025, 5, 1), date(2025, 5, 30), spoken=True),
        "how latencies spread, 92 days": partial(found.spread, *quarter, spoken=True),
        "latencies by stage of a channel, 92 days": partial(phone.by_stage, *quarter, spoken=True),
        "the slowest replies of a rare channel, 92 days": partial(rare.slowest, *quarter, spoken=True, limit=10),
        "the slowest replies of 92 days": partial(found.slowest, *quarter, spoken=True, limit=10),
        "the slowest typed replies of 92 days": partial(found.slowest, *quarter, spoken=False, limit=10),
        "calls by hour and outcome, 92 days": partial(
            calls_by_hour, database, date(2025, 1, 1), date(2025, 4, 2), "America/New_York"
        ),
        "API keys": ApiKeys(database).list,
    }


def paged(database: Database, leads: int) -> dict[str, Action]:
    """Each list by its filters, its first page and one from anywhere."""
    chance, lead = random.Random(2), lead_id(1)
    lists: tuple[tuple[str, str, Any, timedelta, tuple[dict[str, Any], ...]], ...] = (
        (
            "conversations", "conversations", Conversations(database).list, timedelta(seconds=31),
            ({}, {"status": "open"}, {"channel": "terminal"}, {"channel": "phone", "status": "dropped"},
             {"channel": "terminal", "status": "open"}, {"lead_id": lead}, {"lead_id": lead, "status": "open"}),
        ),
        (
            "contacts", "crm_contacts", CrmContacts(database).list, timedelta(seconds=30),
            ({}, {"platform": "close"}, {"platform": "linkedin"}, {"email": "user77@example.com"},
             {"email": "user77@example.com", "platform": "close"},
             *({"search": text} for text in CONTACT_SEARCHES), {"search": "jane", "platform": "linkedin"}),
        ),
        (
            "calls", "outbound_calls", OutboundCalls(database).list, timedelta(seconds=79),
            ({}, {"status": "completed"}, {"status": "in_progress"}, {"status": "unknown"}, {"lead_id": lead},
             {"number": "+14150000077"}),
        ),
        (
            "dead letters", "crm_dead_letters", CrmDeadLetters(database).list, timedelta(minutes=10),
            ({}, {"state": "dead"}, {"platform": "linkedin"}, {"platform": "close", "state": "dead"},
             {"platform": "linkedin", "state": "discarded"}, {"platform": "apollo"}),
        ),
        (
            "conflicts", "crm_conflicts", CrmConflicts(database).list, timedelta(minutes=5),
            ({}, {"state": "open"}, {"platform": "linkedin"}, {"platform": "linkedin", "state": "open"},
             {"platform": "apollo"}, {"contact_id": "contact_5"}),
        ),
        (
            "sync history", "crm_sync_runs", CrmSyncRuns(database).list, timedelta(minutes=5),
            ({}, {"platform": "linkedin"}, {"status": "failed"}, {"platform": "close", "status": "failed"},
             {"platform": "apollo", "status": "failed"}, {"offset": 1_000}),
        ),
        (
            "opportunities", "crm_opportunities", CrmOpportunities(database).list, timedelta(minutes=2),
            ({}, {"status_kind": "won"}, {"platform": "apollo"}, {"platform": "apollo", "status_kind": "won"},
             {"contact_id": "contact_5"}),
        ),
        (
            "bookings", "bookings",
            partial(Bookings(database).list, earliest=START), timedelta(minutes=40),
            ({}, {"status": "cancelled"}, {"lead_id": lead}, {"conversation_id": "conv_7"},
             {"latest": START + timedelta(days=1)}),
        ),
    )  # fmt: skip
    actions: dict[str, Action] = {}
    for name, table, listed, every, filters in lists:
        for given in filters:
            what = ", ".join([name, *(f"{field} {value}" for field, value in given.items())])
            sought = {**given, "search": contact_search_of(given["search"])} if "search" in given else given
            actions[what] = partial(listed, **sought)
            if "offset" not in given:
                actions[f"{what}, deep"] = partial(_anywhere, listed, chance, rows_of(table, leads), every, sought)
    return actions


def counts(database: Database) -> dict[str, Action]:
    """The figures the sync's standing shows of one platform."""
    runs = CrmSyncRuns(database)
    return {
        "count: what waits of a CRM": partial(CrmBacklogs(database).of, ["close"]),
        "latest sync": partial(runs.latest, ["close", "apollo", "linkedin"]),
        "latest sync that succeeded": partial(runs.last_success, ["close", "apollo", "linkedin"]),
        "figures of a week's syncs": partial(runs.metrics, since=START + timedelta(days=300)),
    }


async def _anywhere(
    listed: Callable[..., Awaitable[object]], chance: random.Random, rows: int, every: timedelta, given: dict[str, Any]
) -> None:
    await listed(cursor=encode_cursor(START + every * chance.randrange(rows), "m"), **given)
