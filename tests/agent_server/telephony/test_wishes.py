"""A spoken wish for no more calls is written down, whatever happens to the database or to the lead meanwhile."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import pytest
from api_server import ApiServer, StartApi

from agent_server.services import Services
from agent_server.telephony.outbound import wishes as wishing
from agent_server.telephony.outbound.wishes import NEVER_WRITTEN, Wishes
from storage.conversations.outcomes import Outcomes
from storage.conversations.records import ConversationRecord
from storage.errors import StorageError
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import Query

CALLER = "+14155550132"
OTHER_NUMBER = "+14155550133"
MERGE = Query("merge", "SELECT merge_leads(%(gone)s, %(kept)s)")


class RefusingDatabase:
    """Of which the first transactions fail."""

    def __init__(self, database: Database, refusals: int, error: Exception | None = None) -> None:
        self._database = database
        self.refusals = refusals
        self._error = error or StorageError("unavailable", "The database restarts.")

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        if self.refusals > 0:
            self.refusals -= 1
            raise self._error
        return self._database.transaction()


async def new_lead(server: ApiServer, number: str) -> UUID:
    async with server.operator.post("/api/leads", json={"contact_phone": number}) as answer:
        assert answer.status == 201, await answer.text()
        return UUID((await answer.json())["id"])


def caller_talks(services: Services, lead_id: UUID | None) -> str:
    """The id of a call that came in."""
    now = services.utc_now()
    services.conversation_log.conversation(
        ConversationRecord(
            id="conv_of_a_caller",
            channel="phone",
            lead_id=lead_id,
            metadata={"calls_from": CALLER},
            created_at=now,
            updated_at=now,
        )
    )
    return "conv_of_a_caller"


def wishes_of(services: Services, database: Any) -> Wishes:
    return Wishes(database, services.conversation_log, services.utc_now)


async def wished(wishes: Wishes, conversation_id: str, lead_id: UUID | None) -> None:
    wish = wishes.of(conversation_id, lead_id)
    wish.wants_no_calls()
    await wish.kept()


async def test_it_outlasts_a_database_that_restarts(start_api: StartApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishing, "AGAIN_S", 0.01)
    services = (await start_api()).services
    conversation_id = caller_talks(services, None)
    refusing = RefusingDatabase(services.database, refusals=20)
    await wished(wishes_of(services, refusing), conversation_id, None)
    assert await services.calls.suppressed.holds(CALLER)


async def test_a_mistake_of_ours_does_not_keep_the_call_from_its_end(
    start_api: StartApi, caplog: pytest.LogCaptureFixture
) -> None:
    services = (await start_api()).services
    broken = RefusingDatabase(services.database, refusals=1, error=RuntimeError("a mistake"))
    await wished(wishes_of(services, broken), caller_talks(services, None), None)
    assert NEVER_WRITTEN % ("conv_of_a_caller", "RuntimeError") in caplog.text


async def test_it_outlasts_its_call(start_api: StartApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishing, "AGAIN_S", 0.01)
    monkeypatch.setattr(wishing, "DEADLINE_S", 0.05)
    services = (await start_api()).services
    away = RefusingDatabase(services.database, refusals=1_000_000)
    await wished(wishes_of(services, away), caller_talks(services, None), None)
    assert not await services.calls.suppressed.holds(CALLER)
    away.refusals = 0
    async with asyncio.timeout(10):
        while not await services.calls.suppressed.holds(CALLER):
            await asyncio.sleep(0.01)


async def test_the_end_of_the_process_says_what_it_leaves(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(wishing, "DEADLINE_S", 0.05)
    monkeypatch.setattr(wishing, "STOP_S", 0.05)
    services = (await start_api()).services
    wishes = wishes_of(services, RefusingDatabase(services.database, refusals=1_000_000))
    await wished(wishes, caller_talks(services, None), None)
    await wishes.aclose()
    assert NEVER_WRITTEN % ("conv_of_a_caller", "the process ends") in caplog.text
    assert CALLER not in caplog.text


async def test_it_counts_for_who_a_lead_turned_out_to_be_during_the_call(start_api: StartApi) -> None:
    server = await start_api()
    services = server.services
    gone, kept = await new_lead(server, CALLER), await new_lead(server, OTHER_NUMBER)
    conversation_id = caller_talks(services, gone)
    assert await services.conversation_log.flush(conversation_id, 5.0)
    await services.database.fetch_value(MERGE, gone=gone, kept=kept)
    await wished(services.wishes, conversation_id, gone)
    entry = await services.calls.suppressed.get(CALLER)
    assert entry is not None
    assert entry.lead_id == kept
    assert await services.calls.suppressed.holds(OTHER_NUMBER), "at no number of theirs"


@pytest.mark.parametrize("by_tool", [False, True])
async def test_the_list_says_in_which_conversation_a_known_person_said_so(start_api: StartApi, by_tool: bool) -> None:
    server = await start_api()
    services = server.services
    lead_id = await new_lead(server, CALLER)
    before = await server.operator.post("/api/do-not-call", json={"number": OTHER_NUMBER})
    assert before.status == 201
    conversation_id = caller_talks(services, lead_id)
    assert await services.conversation_log.flush(conversation_id, 5.0)
    if by_tool:
        await Outcomes(services.database).record("call_1", conversation_id, "opt_out", {})
    else:
        await wished(services.wishes, conversation_id, lead_id)
    entry, other = [await services.calls.suppressed.get(number) for number in (CALLER, OTHER_NUMBER)]
    assert entry is not None and other is not None
    assert (entry.lead_id, entry.conversation_id) == (lead_id, conversation_id)
    assert other.conversation_id is None
