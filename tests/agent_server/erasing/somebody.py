"""A person who is everywhere: in every table, in files, in threads of agents. Whatever tells of them holds ``MARK`` or
one of their names, so that a search over everything finds what was forgotten."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from msgspec import Struct

from storage.postgres.database import Database
from storage.postgres.named_query import Query

MARK = "quokka"
EMAIL = f"ada@{MARK}.example"
PHONE = "+14155550177"
SECOND_PHONE = "+14155550178"
LEAD = UUID("0a5e0000-0000-4000-8000-00000000aaaa")
AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)
TRACES = (MARK, "4155550177", "4155550178", str(LEAD), LEAD.hex)
"""What nothing may hold afterwards."""

_THREADS = """
CREATE TABLE IF NOT EXISTS checkpoints (thread_id text, checkpoint_id text, checkpoint jsonb);
CREATE TABLE IF NOT EXISTS checkpoint_blobs (thread_id text, channel text, blob bytea);
CREATE TABLE IF NOT EXISTS checkpoint_writes (thread_id text, task_id text, blob bytea);
"""


class Somebody(Struct, frozen=True):
    """``recording``: the words of a conversation · ``sound``: of a call."""

    recording: Path
    sound: Path


async def somebody(database: Database, recordings: Path, *, opted_out: bool = True) -> Somebody:
    """Put them everywhere."""
    run, recording = _Statements(database), _recorded(recordings)
    await run(
        "INSERT INTO webhook_endpoints (id, url, events, secret, created_at, updated_at)"
        " VALUES ('whe_1', 'https://example.com', '{*}', '\\x01', now(), now())"
    )
    for statement in _THREADS.strip().split("\n"):
        await run(statement)
    now, words = AN_HOUR_AGO, json.dumps({"said": MARK})
    await run(
        "INSERT INTO leads (id, contact_name, contact_email, contact_phone, notes, linkedin_url, conversation_id,"
        " custom, created_at, updated_at) VALUES ($1, $2, $3, $4, $2, $5, 'conv_ada', '{}', $6, $6)",
        LEAD, f"Ada {MARK}", EMAIL, PHONE, f"https://www.linkedin.com/in/{MARK}", now,
    )  # fmt: skip
    for number, lead in ((PHONE, LEAD), (SECOND_PHONE, LEAD)):
        await run(
            "INSERT INTO call_consents (number, kind, source, given_at, lead_id, updated_at)"
            " VALUES ($1, 'express_written', $2, $4, $3, $4)",
            number, MARK, lead, now,
        )  # fmt: skip
    for id_, lead, status in (("conv_ada", LEAD, "closed"), ("conv_called", None, "closed")):
        await run(
            "INSERT INTO conversations (id, channel, status, session, lead_id, metadata, created_at, updated_at)"
            " VALUES ($1, 'phone', $2, jsonb_build_object('x', $3::text), $4,"
            " jsonb_build_object('calls_from', $5::text), $6, $6)",
            id_, status, MARK, lead, PHONE, now,
        )  # fmt: skip
        await run(
            "INSERT INTO conversation_items (conversation_id, id, position, type, status, heard_text, created_at,"
            " updated_at) VALUES ($1, 'item1', 1, 'message', 'completed', $2, $3, $3)",
            id_, MARK, now,
        )  # fmt: skip
        await run(
            "INSERT INTO conversation_turns (conversation_id, item_id, response_latency_ms, created_at)"
            " VALUES ($1, 'item1', 400, $2)",
            id_, now,
        )  # fmt: skip
    await run(
        "INSERT INTO conversation_outcomes (idempotency_key, conversation_id, kind, data, created_at, lead_id)"
        " VALUES ('call_1', 'conv_ada', 'lead_update', $1::text::jsonb, $2, $3)",
        words, now, LEAD,
    )  # fmt: skip
    await run("UPDATE conversations SET ended_at = $1 WHERE id IN ('conv_ada', 'conv_called')", now)
    await run(
        "INSERT INTO outbound_calls (id, number, lead_id, conversation_id, purpose, status, idempotency_key,"
        " carrier_call_id, created_at, updated_at)"
        f" VALUES ('call_ada', $1, $2, 'conv_called', '{MARK}', 'completed', '{MARK}', 'CA-{MARK}', $3, $3)",
        SECOND_PHONE, LEAD, now,
    )  # fmt: skip
    await run(
        "INSERT INTO bookings (id, uid, idempotency_key, starts_at, ends_at, blocked, email, name, lead_id, created_at,"
        f" updated_at) VALUES ('bkg_ada', 'u', '{MARK}-b', $1, $2, tstzrange($1, $2), $3, '{MARK}', $4, $1, $1)",
        now - timedelta(days=2), now - timedelta(days=2) + timedelta(minutes=30), EMAIL, LEAD,
    )  # fmt: skip
    await run(
        "INSERT INTO booking_moves (idempotency_key, booking_id, moved_from, created_at)"
        f" VALUES ('{MARK}-m', 'bkg_ada', $1, $1)",
        now,
    )
    await run(
        "INSERT INTO bookings (id, uid, idempotency_key, starts_at, ends_at, blocked, email, created_at, updated_at)"
        " VALUES ('bkg_other', 'v', 'b', $1, $2, tstzrange($1, $2), 'kim@globex.com', $1, $1)",
        now - timedelta(days=4), now - timedelta(days=4) + timedelta(minutes=30),
    )  # fmt: skip
    await run(
        "INSERT INTO booking_withdrawals (booking_id, sequence, email, starts_at, ends_at, time_zone, due_at)"
        " VALUES ('bkg_other', 1, $1, $2, $2, 'UTC', $2)",
        EMAIL, now,
    )  # fmt: skip
    await run(
        "INSERT INTO agent_executions (id, agent_type, thread_id, lead_id, status, cost_usd, error_message, started_at)"
        f" VALUES ('exec_ada', 'qualification', 'thread-{MARK}', $1, 'success', 0.5, '{MARK}', $2)",
        LEAD, now,
    )  # fmt: skip
    await run(
        "INSERT INTO qualification_results (execution_id, lead_id, score, tier, reasoning, metadata, created_at)"
        " VALUES ('exec_ada', $1, 80, 'hot', $2, $3::text::jsonb, $4)",
        LEAD, MARK, words, now,
    )  # fmt: skip
    await run(
        "INSERT INTO enrichment_results (execution_id, lead_id, enriched_data, source, created_at)"
        " VALUES ('exec_ada', $1, $2::text::jsonb, 'apollo', $3)",
        LEAD, words, now,
    )  # fmt: skip
    await run(
        "INSERT INTO workflow_state (thread_id, lead_id, current_agent, status, metadata, updated_at)"
        f" VALUES ('thread2-{MARK}', $1, 'bdr', 'completed', $2::text::jsonb, $3)",
        LEAD, words, now,
    )  # fmt: skip
    await run(
        "INSERT INTO agent_runs (thread_id, execution_id, agent, lead_id, holder, started_at, expires_at)"
        f" VALUES ('thread3-{MARK}', 'e', 'bdr', $1, 'dead', $2, $2)",
        LEAD, now,
    )  # fmt: skip
    for name in ("thread", "thread2"):
        await run(f"INSERT INTO checkpoints VALUES ('{name}-{MARK}', '1', $1::text::jsonb)", words)
        await run(f"INSERT INTO checkpoint_blobs VALUES ('{name}-{MARK}', 'lead', '{MARK}')")
        await run(f"INSERT INTO checkpoint_writes VALUES ('{name}-{MARK}', 't', '{MARK}')")
    await run("INSERT INTO checkpoints VALUES ('thread-eve', '1', '{}')")
    await run(
        "INSERT INTO model_calls (id, provider, model, task, lead_id, latency_ms, cost_usd, status, created_at)"
        " VALUES ('call1', 'p', 'm', 't', $1, 10, 0.25, 'success', $2)",
        LEAD, now,
    )  # fmt: skip
    await run(
        "INSERT INTO speech_usage (id, provider, kind, conversation_id, lead_id, cost_usd, created_at)"
        " VALUES ('use1', 'p', 'tts', 'conv_ada', $1, 0.125, $2)",
        LEAD, now,
    )  # fmt: skip
    await run(
        "INSERT INTO tool_calls (id, name, lead_id, status, latency_ms, created_at)"
        " VALUES ('tool1', 'search_crm', $1, 'success', 5, $2)",
        LEAD, now,
    )  # fmt: skip
    await run(
        "INSERT INTO client_secrets (hash, session, expires_at, created_at, calls_from)"
        " VALUES ('\\x01', jsonb_build_object('x', $1::text), $2, $2, $3)",
        MARK, now, PHONE,
    )  # fmt: skip
    await run(
        "INSERT INTO campaigns (id, name, channel, goal, audience, budget_usd, status, created_at, updated_at)"
        " VALUES ('0a5e0000-0000-4000-8000-00000000cccc', 'c', 'email', 'g', '{}', 1, 'ready', $1, $1)",
        now,
    )
    await run(
        "INSERT INTO campaign_messages (campaign_id, lead_id, position, status, subject, body, updated_at)"
        f" VALUES ('0a5e0000-0000-4000-8000-00000000cccc', $1, 1, 'drafted', '{MARK}', '{MARK}', $2)",
        LEAD, now,
    )  # fmt: skip
    await run(
        "INSERT INTO call_lists (id, name, purpose, status, at_once, attempts, retry_after_minutes, created_at,"
        " updated_at) VALUES ('0a5e0000-0000-4000-8000-00000000dddd', 'c', 'p', 'paused', 3, 3, 240, $1, $1)",
        now,
    )
    await run(
        "INSERT INTO call_list_entries (id, list_id, lead_id, position, status, updated_at)"
        " VALUES ('0a5e0000-0000-4000-8000-00000000dddf', '0a5e0000-0000-4000-8000-00000000dddd', $1, 1, 'waiting',"
        " $2)",
        LEAD, now,
    )  # fmt: skip
    await run("UPDATE outbound_calls SET list_entry_id = '0a5e0000-0000-4000-8000-00000000dddf' WHERE id = 'call_ada'")
    await run(
        "INSERT INTO crm_contacts (id, crm_platform, external_id, reference, lead_id, email, first_name, phone, base,"
        " enrichment_data, created_at, updated_at)"
        " VALUES ('contact_ada', 'close', 'cont_1', 'contact_ada', $1, $2, $3, $4,"
        " jsonb_build_object('email', $2::text), $5::text::jsonb, $6, $6)",
        LEAD, EMAIL, MARK, SECOND_PHONE, words, now,
    )  # fmt: skip
    await run(
        "INSERT INTO crm_conflicts (id, platform, contact_id, field, kind, local_value, winner, critical, state,"
        " created_at) VALUES ('c1', 'close', 'contact_ada', 'email', 'refused', $2::text::jsonb, 'local', true, 'open',"
        " $1)",
        now, words,
    )  # fmt: skip
    await run(
        "INSERT INTO crm_phone_requests (platform, person_id, contact_id, asked_at, stand_in)"
        f" VALUES ('apollo', 'p-{MARK}', 'contact_ada', $1, $2)",
        now, PHONE,
    )  # fmt: skip
    await run(
        "INSERT INTO crm_opportunities (id, platform, contact_id, created_at, updated_at)"
        " VALUES ('o1', 'close', 'contact_ada', $1, $1)",
        now,
    )
    await run(
        "INSERT INTO crm_dead_letters (key, platform, reason, payload, attempts, created_at)"
        " VALUES ('d1', 'close', 'x', jsonb_build_object('outbox', 'conversation:conv_ada', 'subject', $2::text), 4,"
        " $1)",
        now, MARK,
    )  # fmt: skip
    await run(
        "INSERT INTO crm_sync_runs (id, platform, operation, trigger, filters, status, created_at)"
        " VALUES ('r1', 'close', 'import', 'manual', jsonb_build_object('emails', jsonb_build_array($1::text)),"
        " 'completed', $2)",
        EMAIL, now,
    )  # fmt: skip
    sound = recordings / "data" / "call-audio" / "store" / "2026-01-01" / "rec_1.mp3"
    await run(
        "INSERT INTO call_recordings (id, conversation_id, state, key, started_at, created_at, updated_at)"
        " VALUES ('rec_1', 'conv_ada', 'ready', '2026-01-01/rec_1.mp3', $1, $1, $1)",
        now,
    )
    if opted_out:
        await run("UPDATE leads SET opted_out_at = $1 WHERE id = $2", now, LEAD)
    await _somebody_else(run, now)
    return Somebody(recording, sound)


def _recorded(recordings: Path) -> Path:
    recordings.mkdir(parents=True, exist_ok=True)
    recording = recordings / "conv_ada-item1.jsonl"
    recording.write_text(f'{{"words": "{MARK}"}}\n', encoding="utf-8")
    (recordings / "conv_eve-item1.jsonl").write_text("{}\n", encoding="utf-8")
    sound = recordings / "data" / "call-audio" / "store" / "2026-01-01" / "rec_1.mp3"
    sound.parent.mkdir(parents=True)
    sound.write_bytes(b"sound")
    return recording


async def _somebody_else(run: "_Statements", now: datetime) -> None:
    """Of whom nothing may go: Eve shares the number of the office."""
    await run(
        "INSERT INTO leads (id, contact_email, contact_phone, created_at, updated_at)"
        " VALUES ('0a5e0000-0000-4000-8000-00000000eeee', 'eve@other.example', '+14155550199', $1, $1)",
        now,
    )
    await run(
        "INSERT INTO conversations (id, channel, status, lead_id, created_at, updated_at)"
        " VALUES ('conv_eve', 'phone', 'closed', '0a5e0000-0000-4000-8000-00000000eeee', $1, $1)",
        now,
    )
    await run(
        "INSERT INTO conversation_items (conversation_id, id, position, type, status, heard_text, created_at,"
        " updated_at) VALUES ('conv_eve', 'item1', 1, 'message', 'completed', 'hello', $1, $1)",
        now,
    )


async def everything(database: Database) -> dict[str, str]:
    """Every row of every table as text, by table."""
    tables = await database.fetch_all(
        Query("tables", "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    )
    found = {}
    for table in tables:
        name = table["name"]
        rows = await database.fetch_all(Query("all", f"SELECT row::text AS row FROM {name} AS row"))
        found[name] = "\n".join(_with_texts(row["row"]) for row in rows)
    return found


def _with_texts(row: str) -> str:
    """What is in bytea shows as hexadecimal digits; the mark is looked for there, too."""
    return row.replace(MARK.encode().hex(), MARK)


class _Statements:
    """Runs statements with ``$1``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, statement: str, *values: object) -> None:
        names = {f"v{number}": value for number, value in enumerate(values, 1)}
        sql = statement
        for number in range(len(values), 0, -1):
            sql = sql.replace(f"${number}", f"%(v{number})s")
        await self._database.execute(Query("somebody", sql), **names)
