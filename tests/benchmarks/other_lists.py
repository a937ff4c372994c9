"""Every list the product shows beside leads, and the counts beside them: what each asks of a database full of rows."""

import random
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from million_rows import START, lead_id, rows_of

from storage.calls.consents import CallConsents
from storage.calls.do_not_call import DoNotCall
from storage.calls.figures import calls_by_hour
from storage.calls.livekit_rooms import HeldRoom, LiveKitRoomRecords
from storage.calls.outbound import OutboundCalls, known_of
from storage.campaigns.sending import CampaignSending
from storage.conversations.conversations import Conversations
from storage.conversations.operator_acts import OperatorActs
from storage.conversations.persons_wanted import persons_wanted
from storage.crm.backlog import CrmBacklogs
from storage.crm.conflicts import CrmConflicts
from storage.crm.contact_search import contact_search_of
from storage.crm.contacts import CrmContacts
from storage.crm.dead_letters import CrmDeadLetters
from storage.crm.opportunities import CrmOpportunities
from storage.crm.sync_runs import CrmSyncRuns
from storage.erasure.digests import Digests, ErasedPeople
from storage.erasure.finding import find
from storage.erasure.person import Person, Subject
from storage.keys.api_keys import ApiKeys
from storage.leads.customers import open_matters
from storage.leads.of_callers import Origin, lead_of_origin
from storage.ledger.reports import Reports
from storage.ledger.turn_figures import TurnFigures
from storage.meetings.bookings import Bookings
from storage.postgres.cursor import encode_cursor
from storage.postgres.database import Database

Action = Callable[[], Awaitable[object]]
DIGESTS = Digests(["YmVuY2htYXJr"])
DAYS = (date(2025, 1, 1), date(2026, 12, 31))
CONTACT_SEARCHES = (
    "jane", "acme", "surname77", "surn", "jane surname77", "acme 3e2b", "user77@", "user77", "zebra", "+1 415",
    "415 55", "5557", "(212) 555-7", "+1 (415) 000-0077", "home76@example.net", "office77@example.com", "+16460000077",
)  # fmt: skip
"""By what all have, many, few, one and none; words, addresses and numbers whole and in part."""


def everything(database: Database, leads: int) -> dict[str, Action]:
    return (
        paged(database, leads)
        | conversations(database)
        | people(database, leads)
        | rooms(database)
        | reports(database)
        | counts(database)
    )


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
        "one conversation to go on with": partial(Conversations(database).resume, "conv_778", latest=400, now=START),
        "items of a conversation that were let go": partial(Conversations(database).items, "conv_777", ["item_1"]),
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
             {"email": "user77@example.com", "platform": "close"}, {"email": "home76@example.net"},
             {"email": "office76@example.com"},
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
        (
            "do not call", "do_not_call", DoNotCall(database, ErasedPeople(database, DIGESTS)).list,
            timedelta(minutes=9), ({}, {"source": "operator"}, {"source": "opt_out"}),
        ),
        (
            "consents", "call_consents", CallConsents(database).list, timedelta(seconds=90), ({}, {"kind": "none"}),
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


def people(database: Database, leads: int) -> dict[str, Action]:
    """Who somebody is by any number or address of theirs, and what they wish: asked before every call and message."""
    chance, calls, mail = random.Random(3), OutboundCalls(database), CampaignSending(database)

    async def decision(number: int) -> None:
        async with database.transaction() as transaction:
            await known_of(transaction, _lead_number(number), lead_id(number), digests=DIGESTS, now=START)

    async def caller(origin: Origin) -> None:
        await lead_of_origin(database, origin, "conv_benchmark", now=START)

    async def traces(subject: Subject) -> None:
        async with database.transaction() as transaction:
            await find(transaction, subject, Person())

    async def wishes(many: int) -> None:
        await calls.consents_of([_lead_number(chance.randrange(1, leads)) for _ in range(many)])

    async def addresses(many: int) -> None:
        await mail.suppressed([f"user{chance.randrange(1, leads)}@example.com" for _ in range(many)])

    return {
        "what decides on a call": lambda: decision(chance.randrange(1, leads)),
        "wishes of 50 numbers": partial(wishes, 50),
        "wishes of 500 numbers": partial(wishes, 500),
        "wishes of 500 addresses": partial(addresses, 500),
        "who calls, by a lead's number": partial(caller, Origin(phone="+14150000077")),
        "who calls, by a number that a caller claimed": partial(caller, Origin(phone="+14150000050")),
        "who calls, by a further number": partial(caller, Origin(phone="+16460000077")),
        "who calls, by a further number of many": partial(caller, Origin(phone="+13030000077")),
        "who writes, by a further address": partial(caller, Origin(email="own76@example.net")),
        "who writes, by a contact's further address": partial(caller, Origin(email="home76@example.net")),
        "traces of a lead": partial(traces, Subject(lead_id=lead_id(77))),
        "traces of a further number": partial(traces, Subject(phone="+16460000077")),
        "what is open with a customer": partial(open_matters, database, lead_id(1), since=START),
        "who waits for a person": partial(persons_wanted, database, after=START + timedelta(days=100), rows=50),
        "what people did beside a conversation": partial(OperatorActs(database).of_conversation, "conv_77"),
    }


def rooms(database: Database) -> dict[str, Action]:
    """Of LiveKit, as every worker keeps and watches them."""
    records = LiveKitRoomRecords(database, "wss://livekit.example.com", "sales-agent")
    held = [HeldRoom(room_sid=f"RM_{number}", room=f"room_{number}", metadata="") for number in range(2, 40)]
    return {
        "rooms: held by a worker": partial(records.hold, held),
        "rooms: without a worker": partial(records.orphans, 10.0),
    }


def counts(database: Database) -> dict[str, Action]:
    """The figures the sync's standing shows of one platform."""
    runs = CrmSyncRuns(database)
    return {
        "count: what waits of a CRM": partial(CrmBacklogs(database).of, ["close"]),
        "latest sync": partial(runs.latest, ["close", "apollo", "linkedin"]),
        "latest sync that succeeded": partial(runs.last_success, ["close", "apollo", "linkedin"]),
        "figures of a week's syncs": partial(runs.metrics, since=START + timedelta(days=300)),
    }


def _lead_number(number: int) -> str:
    return f"+1415{number % 9_000_000:07d}"


async def _anywhere(
    listed: Callable[..., Awaitable[object]], chance: random.Random, rows: int, every: timedelta, given: dict[str, Any]
) -> None:
    await listed(cursor=encode_cursor(START + every * chance.randrange(rows), "m"), **given)
