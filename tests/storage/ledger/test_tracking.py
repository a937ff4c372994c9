"""The ledger over the real database: rows, sums, and what belongs to which lead."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from eventually import eventually
from postgres_line import PostgresLine
from prometheus_client import REGISTRY

from storage.conversations.conversations import Conversations
from storage.conversations.records import ConversationRecord
from storage.leads.leads import Leads
from storage.ledger.records import (
    EnrichmentResultRecord,
    ExecutionRecord,
    ModelCallRecord,
    QualificationResultRecord,
    SpeechUsageRecord,
    ToolCallRecord,
    WorkflowStateRecord,
)
from storage.ledger.tracking import TrackingLog
from storage.postgres.database import Database, open_database
from storage.postgres.named_query import Query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TIMEOUT_S = 20.0
KNOWN_LATER = Query("known_later", "UPDATE conversations SET lead_id = %(lead_id)s WHERE id = 'conv_later'")


def call(id_: str, **values: Any) -> ModelCallRecord:
    given = {"provider": "cerebras", "model": "llama", "task": "conversation", "latency_ms": 200.0, "cost_usd": 0.001}
    return ModelCallRecord(
        **{
            **given,
            "id": id_,
            "prompt_tokens": 100,
            "completion_tokens": 10,
            "status": "success",
            "created_at": NOW,
            **values,
        }
    )


def execution(id_: str, **values: Any) -> ExecutionRecord:
    return ExecutionRecord(
        **{"id": id_, "agent_type": "qualification", "status": "running", "started_at": NOW, **values}
    )


def qualified(execution_id: str, score: int, **values: Any) -> QualificationResultRecord:
    tier = "hot" if score >= 70 else "cold"
    return QualificationResultRecord(
        **{"execution_id": execution_id, "score": score, "tier": tier, "reasoning": "why", "created_at": NOW, **values}
    )


@pytest.fixture
async def log(database: Database) -> AsyncIterator[TrackingLog]:
    async with TrackingLog(database) as opened:
        yield opened


async def rows(database: Database, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await database.fetch_all(Query("all", f"SELECT * FROM {table} ORDER BY 1"))]


async def begin(database: Database, conversation_id: str, lead_id: UUID | None = None) -> None:
    record = ConversationRecord(id=conversation_id, channel="phone", lead_id=lead_id, created_at=NOW, updated_at=NOW)
    await Conversations(database).create(record)


async def test_every_kind_of_row_is_written_as_it_was_recorded(database, log):
    lead = uuid4()
    records = {
        "agent_executions": execution("exec_1", lead_id=lead, thread_id="thread_1"),
        "model_calls": call("call_1", lead_id=lead, execution_id="exec_1", first_token_ms=90.5),
        "speech_usage": SpeechUsageRecord(
            id="speech_1",
            provider="cartesia",
            kind="tts",
            conversation_id="conv_1",
            characters_spoken=80,
            created_at=NOW,
        ),
        "tool_calls": ToolCallRecord(id="tool_1", name="search_crm", status="failed", latency_ms=3.0, created_at=NOW),
        "qualification_results": qualified("exec_1", 80, lead_id=lead, metadata={"criteria": {"need": 18}}),
        "enrichment_results": EnrichmentResultRecord(
            execution_id="exec_2", enriched_data={"company": "Acme"}, source="apollo", credits=1, created_at=NOW
        ),
        "workflow_state": WorkflowStateRecord(
            thread_id="thread_1",
            current_agent="bdr",
            status="pending",
            metadata={"questions": 1},
            emails=["ada@acme.test"],
            phones=["+14155550177"],
            updated_at=NOW,
        ),
    }
    for record in records.values():
        log.record(record)
    assert await log.flush(TIMEOUT_S)
    assert log.held_rows == 0
    for table, record in records.items():
        (row,) = await rows(database, table)
        row.pop("total_tokens", None)
        assert row == msgspec.structs.asdict(record)


async def test_the_end_of_a_run_is_not_overwritten_by_its_beginning(database, log):
    log.record(execution("exec_1", status="failed", error_code="process_died"))
    assert await log.flush(TIMEOUT_S)
    log.record(execution("exec_1"))
    assert await log.flush(TIMEOUT_S)
    (row,) = await rows(database, "agent_executions")
    assert (row["status"], row["error_code"]) == ("failed", "process_died")
    (day,) = await rows(database, "agent_daily")
    assert (day["runs"], day["failed"]) == (1, 1)


async def test_sums_count_a_row_once_however_often_it_is_written(database, log):
    lead = uuid4()
    for cost in (0.001, 0.004, 0.004):
        log.record(call("call_1", cost_usd=cost, lead_id=lead, conversation_id="conv_1"))
        assert await log.flush(TIMEOUT_S)
    log.record(call("call_2", cost_usd=None, lead_id=lead, status="failed", execution_id="exec_1"))
    log.record(call("call_3", created_at=NOW + timedelta(days=1), conversation_id="conv_1"))
    log.record(call("call_4", task="probe", created_at=NOW + timedelta(days=1)))
    log.record(SpeechUsageRecord(id="on_its_own", provider="cartesia", kind="tts", cost_usd=0.5, created_at=NOW))
    log.record(execution("exec_1", status="success", latency_ms=500.0, cost_usd=0.25))
    assert await log.flush(TIMEOUT_S)
    found = {
        (row["day"].day, row["within"]): (row["calls"], row["failed"], row["unpriced"], float(row["cost_usd"]))
        for row in await rows(database, "usage_daily")
    }
    assert found == {
        (1, "conversation"): (1, 0, 0, 0.004),
        (1, "agent"): (1, 1, 1, 0.0),
        (1, "other"): (1, 0, 0, 0.5),
        (2, "conversation"): (1, 0, 0, 0.001),
        (2, "other"): (1, 0, 0, 0.001),
    }
    (cost,) = await rows(database, "lead_costs")
    assert (cost["lead_id"], cost["calls"], cost["unpriced"], float(cost["cost_usd"])) == (lead, 2, 1, 0.004)
    (day,) = await rows(database, "agent_daily")
    assert (day["runs"], float(day["cost_usd"]), day["latency_ms"]) == (1, 0.25, 500.0)


async def test_a_lead_shows_its_newest_qualification(database, log):
    leads = Leads(database)
    lead = await leads.create({"company_name": "Acme"}, now=NOW)
    for number, (score, minutes) in enumerate(((80, 2), (30, 1))):
        at = NOW + timedelta(minutes=minutes)
        log.record(execution(f"exec_{number}", status="success", latency_ms=123.0, lead_id=lead.id))
        log.record(qualified(f"exec_{number}", score, lead_id=lead.id, created_at=at))
        assert await log.flush(TIMEOUT_S)
    found = await leads.get(lead.id)
    assert (found.qualification_score, found.qualification_tier, found.status) == (80, "hot", "qualified")
    assert (found.qualification_reasoning, found.qualification_latency_ms) == ("why", 123.0)


async def test_what_a_conversation_did_is_its_leads_also_when_that_is_known_later(database, log):
    lead = (await Leads(database).create({"company_name": "Acme"}, now=NOW)).id
    await begin(database, "conv_known", lead)
    await begin(database, "conv_later")
    for conversation in ("conv_known", "conv_later"):
        log.record(call(f"call_{conversation}", conversation_id=conversation))
        log.record(execution(f"exec_{conversation}", conversation_id=conversation, status="success"))
        log.record(qualified(f"exec_{conversation}", 75))
    assert await log.flush(TIMEOUT_S)
    assert [row["lead_id"] for row in await rows(database, "model_calls")] == [lead, None]
    await database.execute(KNOWN_LATER, lead_id=lead)
    log.record(
        SpeechUsageRecord(id="s", provider="p", kind="stt", conversation_id="conv_later", cost_usd=0.5, created_at=NOW)
    )
    assert await log.flush(TIMEOUT_S)
    for table in ("model_calls", "agent_executions", "qualification_results", "speech_usage"):
        assert {row["lead_id"] for row in await rows(database, table)} == {lead}
    (cost,) = await rows(database, "lead_costs")
    assert (cost["calls"], float(cost["cost_usd"])) == (3, 0.502)


async def test_an_outage_loses_nothing_within_the_bound_and_says_what_is_past_it(dsn, database, caplog):
    with tempfile.TemporaryDirectory() as directory:
        async with (
            PostgresLine(dsn, Path(directory)) as line,
            await open_database(
                line.dsn, max_connections=2, connect_timeout_s=0.2, command_timeout_s=0.5, acquire_timeout_s=0.5
            ) as behind,
            TrackingLog(behind, max_rows=20) as log,
        ):
            await line.cut()
            before = _refused("full")
            for number in range(25):
                log.record(call(f"call_{number:02}"))
            await eventually(lambda: not log.healthy)
            assert _refused("full") - before == 5
            assert "rows of the ledger are being lost" in caplog.text
            await line.mend()
            assert await log.flush(TIMEOUT_S)
    assert len(await rows(database, "model_calls")) == 20


async def test_what_the_database_never_takes_costs_no_other_row(database, log):
    before = _refused("invalid_data") + _refused("constraint_violated")
    log.record(call("call_1"))
    log.record(call("call_2", prompt_tokens=2**40))
    log.record(call("call_3", task="nul \0 inside"))
    assert await log.flush(TIMEOUT_S)
    assert [row["id"] for row in await rows(database, "model_calls")] == ["call_1", "call_3"]
    assert _refused("invalid_data") + _refused("constraint_violated") - before == 1


async def test_stopping_writes_what_is_left(database):
    log = TrackingLog(database)
    log.start()
    log.record(call("call_1"))
    assert await log.aclose()
    log.record(call("call_2"))
    assert [row["id"] for row in await rows(database, "model_calls")] == ["call_1"]


async def test_two_processes_that_write_sums_of_the_same_day_do_not_lose_any(dsn, database):
    async with await open_database(dsn) as other, TrackingLog(database) as one, TrackingLog(other) as two:
        leads = [uuid4() for _ in range(5)]
        for number in range(300):
            for name, log in (("a", one), ("b", two)):
                log.record(call(f"call_{name}{number}", lead_id=leads[number % 5]))
            if number % 50 == 0:
                await asyncio.sleep(0.05)
        assert all(await asyncio.gather(one.flush(TIMEOUT_S), two.flush(TIMEOUT_S)))
    (day,) = await rows(database, "usage_daily")
    assert (day["calls"], float(day["cost_usd"])) == (600, 0.6)
    assert sum(row["calls"] for row in await rows(database, "lead_costs")) == 600


def _refused(reason: str) -> float:
    return REGISTRY.get_sample_value("sales_agent_tracking_rows_refused_total", {"reason": reason}) or 0.0
