"""Writes what was made up into the demo's database, by its repositories, before the server is there."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, get_args

from agent_server.cli.showing.filling import CONSENT_SOURCE
from agent_server.cli.showing.past.talk import Effect, HeldTalk
from agent_server.cli.showing.past.weeks import Past
from agent_server.cli.showing.surroundings import prices_file
from agent_server.settings import CalendarSettings
from pipelines.bill import Bills
from pipelines.speech_usage.ledger import SpeechLedger
from pipelines.speech_usage.prices import SpeechPriceList, read_speech_prices
from storage.calls.consents import CallConsents
from storage.calls.outbound import insert_call, update_call
from storage.conversations.outcomes import Outcomes
from storage.crm.outbox import CrmOutbox, OutboxKind, drop_entry
from storage.leads.after_outcomes import OutcomeKind
from storage.leads.leads import insert_leads
from storage.ledger.tracking import TrackingLog
from storage.log.conversation_log import ConversationLog
from storage.meetings.bookings import Bookings
from storage.meetings.records import NewBooking
from storage.postgres.database import Database, open_database

MEETING: Final = timedelta(minutes=30)
_WRITTEN_S: Final = 30.0
_CRM_ROWS: Final = 500
_OUTCOMES: Final[dict[str, OutcomeKind]] = {
    "opt_out": "opt_out",
    "handoff_to_person": "handoff",
    "update_lead": "lead_update",
}


async def write(past: Past, dsn: str, data_dir: Path, *, now: datetime, time_zone: str) -> None:
    """Raises StorageError."""
    async with await open_database(f"{dsn}&synchronous_commit=off", max_connections=4) as database:
        async with database.transaction() as transaction:
            await insert_leads(transaction, past.leads)
            for call in past.calls:
                await insert_call(transaction, call)
                await update_call(transaction, call)
        await _agreed(database, past)
        await _talked(database, past.talks)
        await _used(database, past, data_dir)
        for talk in past.talks:
            for effect in talk.effects:
                await _done(database, talk, effect, time_zone)
        await _told_the_crm(database, now)


async def _agreed(database: Database, past: Past) -> None:
    consents = CallConsents(database)
    for agreed in past.consents:
        await consents.put(
            agreed.number,
            "express_written",
            source=CONSENT_SOURCE,
            given_at=agreed.at,
            valid_until=None,
            lead_id=agreed.lead_id,
            now=agreed.at,
        )


async def _talked(database: Database, talks: Sequence[HeldTalk]) -> None:
    async with ConversationLog(database) as log:
        for talk in talks:
            log.conversation(talk.conversation)
            for item in talk.items:
                log.item(talk.conversation.id, item)
            for turn in talk.turns:
                log.turn(talk.conversation.id, turn)
        await log.aclose(_WRITTEN_S)


async def _used(database: Database, past: Past, data_dir: Path) -> None:
    """At the prices that the server reckons with."""
    prices = SpeechPriceList(read_speech_prices(prices_file(data_dir)))
    async with TrackingLog(database) as log:
        ledger = SpeechLedger(tracker=log, prices=prices, bills=Bills(), utc_now=partial(datetime.now, UTC))
        for run in past.runs:
            log.record(run)
        for talk in past.talks:
            for row in talk.usage:
                ledger.enter(row)
        await log.aclose(_WRITTEN_S)


async def _done(database: Database, talk: HeldTalk, effect: Effect, time_zone: str) -> None:
    if effect.name != "book_meeting":
        outcomes = Outcomes(database, now=lambda: effect.at)
        await outcomes.record(effect.id, talk.conversation.id, _OUTCOMES[effect.name], effect.arguments)
        return
    starts_at = datetime.fromisoformat(effect.arguments["start"])
    told: dict[str, Any] = {name: effect.arguments.get(name) for name in ("email", "name", "company", "notes")}
    booking = NewBooking(
        starts_at=starts_at,
        ends_at=starts_at + MEETING,
        time_zone=time_zone,
        conversation_id=talk.conversation.id,
        lead_id=talk.conversation.lead_id,
        **told,
    )
    buffer = CalendarSettings().calendar_buffer_minutes
    await Bookings(database).book(booking, idempotency_key=effect.id, buffer_minutes=buffer, now=effect.at)


async def _told_the_crm(database: Database, now: datetime) -> None:
    """What happened then was entered there then."""
    outbox = CrmOutbox(database)
    while entries := await outbox.due("close", get_args(OutboxKind), now=now, rows=_CRM_ROWS):
        async with database.transaction() as transaction:
            for entry in entries:
                await drop_entry(transaction, entry)
