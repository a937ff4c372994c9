"""A database as it is after years: leads by the million, and of everything else what such a number of leads brings.

Skewed as real data is: most leads never scored, statuses and industries that few have, names that many share and names
that one has. Rows go in without triggers and secondary indexes, which are built after them, and the sums that triggers
would have kept are added by the very functions the triggers call.
"""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

START = datetime(2025, 1, 1, tzinfo=UTC)
LEAD_EVERY_S = 30
_BATCH = 200_000
_PAUSED = "SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'"

_LEADS = """
INSERT INTO leads (id, company_name, company_website, industry, contact_name, contact_email, contact_phone,
    further_emails, further_phones, status, qualification_score, qualification_tier, notes, created_at, updated_at)
SELECT
    md5(n::text)::uuid,
    (ARRAY['Acme', 'Northern', 'Blue', 'Global', 'First', 'United'])[1 + a % 6] || ' '
        || (ARRAY['Logistics', 'Foods', 'Dental', 'Software', 'Energy'])[1 + b % 5] || ' ' || to_hex(c % 70000),
    'https://' || to_hex(c % 300000) || '.example.com',
    CASE WHEN b % 7 = 0 THEN NULL WHEN b % 5000 = 1 THEN 'Falconry'
        ELSE (ARRAY['Retail', 'Health', 'Finance', 'Software'])[1 + c % 4] END,
    (ARRAY['Jane', 'Joe', 'Ada', 'Max'])[1 + b % 4] || ' ' || 'Surname' || (a % 90000),
    'user' || n || '@' || to_hex(c % 300000) || '.example.com',
    '+1415' || lpad((n % 9000000)::text, 7, '0'),
    CASE WHEN n % 5 = 1 THEN ARRAY['own' || n || '@example.net'] ELSE '{}' END,
    CASE WHEN n % 5 = 2 THEN ARRAY['+1303' || lpad((n % 50000)::text, 7, '0')] ELSE '{}' END,
    CASE WHEN scored THEN CASE WHEN score >= 40 THEN 'qualified' ELSE 'unqualified' END
        WHEN c % 2000 = 5 THEN 'meeting_booked' WHEN c % 50000 = 6 THEN 'customer' ELSE 'pending' END,
    CASE WHEN scored THEN score END,
    CASE WHEN scored THEN CASE WHEN score >= 70 THEN 'hot' WHEN score >= 40 THEN 'warm' ELSE 'cold' END END,
    repeat('Called twice, wants a demo. ', 8),
    $3::timestamptz + n * interval '30 seconds',
    now()
FROM (
    SELECT n, a, b, c, a % 10 = 0 AS scored, b % 101 AS score
    FROM generate_series($1::int, $2::int) AS n,
        LATERAL (SELECT abs(hashint4(n)) AS a, abs(hashint4(n + 7919)) AS b, abs(hashint4(n + 104729)) AS c) AS chance
) AS drawn
"""
_MODEL_CALLS = """
INSERT INTO model_calls (id, provider, model, task, lead_id, execution_id, prompt_tokens, completion_tokens,
    latency_ms, cost_usd, status, created_at)
SELECT 'call_' || n, (ARRAY['cerebras', 'anthropic', 'deepseek', 'openai'])[1 + n % 4], 'model-' || n % 9,
    'conversation', md5((1 + n % 400000)::text)::uuid, CASE WHEN n % 3 = 0 THEN 'exec_' || n END, 900, 80, 400,
    0.0001 * (n % 100), 'success', $3::timestamptz + n * interval '31 seconds'
FROM generate_series($1::int, $2::int) AS n
"""
_EXECUTIONS = """
INSERT INTO agent_executions (id, agent_type, lead_id, conversation_id, status, engine, started_at, completed_at,
    latency_ms, cost_usd)
SELECT 'exec_' || n, (ARRAY['qualification', 'enrichment', 'growth', 'bdr'])[1 + n % 4],
    md5((1 + n % 400000)::text)::uuid, 'conv_' || n % 300000, CASE WHEN n % 500 = 0 THEN 'failed' ELSE 'success' END,
    'rules', at, at, 400, 0.0001
FROM generate_series($1::int, $2::int) AS n, LATERAL (SELECT $3::timestamptz + n * interval '31 seconds' AS at) AS time
"""
_CONVERSATIONS = """
INSERT INTO conversations (id, channel, status, lead_id, created_at, updated_at, ended_at)
SELECT 'conv_' || n,
    CASE WHEN n % 5000 = 1 THEN 'terminal' ELSE (ARRAY['phone', 'widget', 'websocket'])[1 + n % 3] END,
    CASE WHEN n % 20000 = 7 THEN 'open' WHEN n % 400 = 3 THEN 'dropped' ELSE 'closed' END,
    md5((1 + n % 200000)::text)::uuid, at, at, at
FROM generate_series($1::int, $2::int) AS n, LATERAL (SELECT $3::timestamptz + n * interval '31 seconds' AS at) AS time
"""
_ITEMS = """
INSERT INTO conversation_items (conversation_id, id, position, type, role, status, generated_text, synthesised_text,
    sent_text, heard_text, created_at, updated_at)
SELECT 'conv_' || 1 + (n - 1) / 4, 'item_' || n % 4, n % 4, 'message', CASE WHEN agent THEN 'assistant' ELSE 'user' END,
    'completed', text, text, text, CASE WHEN agent THEN text ELSE 'what does it cost for a team of forty' END, at, at
FROM generate_series($1::int, $2::int) AS n,
    LATERAL (SELECT $3::timestamptz + (1 + (n - 1) / 4) * interval '31 seconds' AS at, n % 2 = 0 AS agent) AS place,
    LATERAL (SELECT CASE WHEN agent THEN repeat('It costs fifty dollars. ', 4) ELSE '' END AS text) AS said
"""
_TURNS = """
INSERT INTO conversation_turns (conversation_id, channel, item_id, response_latency_ms, timings, created_at)
SELECT 'conv_' || conversation,
    CASE WHEN conversation % 5000 = 1 THEN 'terminal'
        ELSE (ARRAY['phone', 'widget', 'websocket'])[1 + conversation % 3] END,
    'item_' || 2 * (n % 2), latency,
    jsonb_build_object(
        'speech_end_ms', 1000, 'turn_end_ms', CASE WHEN n % 5 > 0 THEN 1000 + 0.4 * latency END,
        'transcript_ms', 1000 + 0.3 * latency, 'model_start_ms', 1000 + 0.3 * latency,
        'first_token_ms', 1000 + 0.7 * latency, 'first_audio_ms', 1000 + 0.95 * latency, 'sent_ms', 1000 + latency,
        'speculated', n % 3 > 0, 'interrupted', n % 9 = 0, 'model_rung', 0, 'voice_rung', 0, 'recognizer_rung', 0,
        'model', CASE WHEN n % 50 = 1 THEN 'playbook' WHEN n % 7 = 1 THEN 'anthropic/claude' ELSE 'cerebras/llama' END,
        'voice', CASE WHEN n % 300 = 1 THEN 'espeak' ELSE 'cartesia' END, 'recognizer', 'deepgram-flux'
    ),
    $3::timestamptz + conversation * interval '31 seconds'
FROM generate_series($1::int, $2::int) AS n, LATERAL (SELECT 1 + (n - 1) / 2 AS conversation) AS place,
    LATERAL (SELECT 280 - 150 * ln((1 + abs(hashint4(n)) % 1000000) / 1000001.0) AS latency) AS chance
"""
_OUTCOMES = """
INSERT INTO conversation_outcomes (idempotency_key, conversation_id, kind, data, created_at)
SELECT 'key_' || n, 'conv_' || 4 * n, (ARRAY['meeting', 'opt_out', 'handoff', 'lead_update'])[1 + n % 4], '{}',
    $3::timestamptz + 4 * n * interval '31 seconds'
FROM generate_series($1::int, $2::int) AS n
"""
_CONTACTS = """
INSERT INTO crm_contacts (id, crm_platform, external_id, reference, lead_id, email, first_name, last_name, company,
    phone, further_emails, further_phones, deleted_at, created_at, updated_at)
SELECT 'contact_' || n, CASE WHEN n % 3000 = 1 THEN 'linkedin' WHEN n % 30 = 2 THEN 'apollo' ELSE 'close' END,
    'cont_' || n, 'ref_' || n, CASE WHEN n % 3 = 0 THEN md5(n::text)::uuid END, 'user' || n || '@example.com',
    (ARRAY['Jane', 'Joe', 'Ada', 'Max'])[1 + b % 4], 'Surname' || n % 9000,
    (ARRAY['Acme', 'Northern', 'Blue', 'Global', 'First', 'United'])[1 + b % 6] || ' ' || to_hex(c % 70000),
    '+1' || (ARRAY['415', '212', '646', '303'])[1 + b % 4] || lpad((c % 10000000)::text, 7, '0'),
    CASE WHEN n % 5 = 1 THEN ARRAY['home' || n || '@example.net', 'office' || n % 50000 || '@example.com']
        ELSE '{}' END,
    CASE WHEN n % 5 = 2 THEN ARRAY['+1303' || lpad((n % 50000)::text, 7, '0'), '+1646' || lpad(n::text, 7, '0')]
        ELSE '{}' END,
    CASE WHEN n % 50 = 0 THEN at END, at, at
FROM generate_series($1::int, $2::int) AS n, LATERAL (SELECT $3::timestamptz + n * interval '30 seconds' AS at) AS time,
    LATERAL (SELECT abs(hashint4(n + 7919)) AS b, abs(hashint4(n + 104729)) AS c) AS chance
"""
_CLAIMED = """
INSERT INTO claimed_numbers (lead_id, phone) SELECT md5((50 * n)::text)::uuid, '+1415' || lpad((50 * n)::text, 7, '0')
FROM generate_series($1::int, $2::int) AS n WHERE $3::timestamptz IS NOT NULL
"""
_DO_NOT_CALL = """
INSERT INTO do_not_call (number, reason, source, lead_id, created_at)
SELECT '+1415' || lpad((20 * n)::text, 7, '0'), 'Asked for.',
    CASE WHEN n % 100 = 0 THEN 'operator' WHEN n % 3 = 0 THEN 'opt_out' ELSE 'import' END,
    CASE WHEN n % 3 = 0 THEN md5((20 * n)::text)::uuid END, $3::timestamptz + n * interval '9 minutes'
FROM generate_series($1::int, $2::int) AS n
"""
_CONSENTS = """
INSERT INTO call_consents (number, kind, source, given_at, lead_id, updated_at)
SELECT '+1415' || lpad((3 * n)::text, 7, '0'), CASE WHEN n % 5000 = 1 THEN 'none' ELSE 'express_written' END,
    'web form', at, md5((3 * n)::text)::uuid, at
FROM generate_series($1::int, $2::int) AS n, LATERAL (SELECT $3::timestamptz + n * interval '90 seconds' AS at) AS time
"""
_NO_MAIL = """
INSERT INTO mail_suppressions (address_hash, reason, created_at)
SELECT address_hash('user' || 30 * n || '@example.com'), CASE WHEN n % 2 = 0 THEN 'unsubscribed' ELSE 'bounced' END,
    $3::timestamptz
FROM generate_series($1::int, $2::int) AS n
"""
_ACTS = """
INSERT INTO operator_acts (id, conversation_id, kind, key_name, created_at)
SELECT 'act_' || n, 'conv_' || 1 + n / 3, (ARRAY['takeover', 'say', 'release'])[1 + n % 3], 'bench',
    $3::timestamptz + n * interval '31 seconds'
FROM generate_series($1::int, $2::int) AS n
"""
_ROOMS = """
INSERT INTO livekit_rooms (room_sid, room, metadata, server, agent_name, seen_at)
SELECT 'RM_' || n, 'room_' || n, '', 'wss://livekit.example.com', 'sales-agent',
    CASE WHEN n % 50 = 1 THEN $3::timestamptz ELSE now() + interval '1 day' END
FROM generate_series($1::int, $2::int) AS n
"""
_CALLS = """
INSERT INTO outbound_calls (id, number, lead_id, conversation_id, status, code, created_at, ended_at, updated_at)
SELECT 'ocall_' || n, '+1415' || lpad(n::text, 7, '0'), md5((1 + n % 200000)::text)::uuid, 'conv_out_' || n, status,
    CASE status WHEN 'refused' THEN (ARRAY['no_consent', 'do_not_call', 'outside_hours', 'too_often'])[1 + a % 4]
        WHEN 'failed' THEN 'carrier_refused' END,
    at, CASE WHEN status <> 'in_progress' THEN at END, at
FROM generate_series($1::int, $2::int) AS n, LATERAL (SELECT abs(hashint4(n)) AS a) AS chance,
    LATERAL (SELECT $3::timestamptz + n * interval '79 seconds' AS at) AS time,
    LATERAL (SELECT CASE WHEN n % 20000 = 7 THEN 'in_progress' WHEN a % 2000 = 5 THEN 'unknown'
        ELSE (ARRAY['completed', 'completed', 'no_answer', 'no_answer', 'voicemail', 'busy', 'canceled', 'failed',
            'refused'])[1 + a % 9] END AS status) AS drawn
"""
_OUTBOX = """
INSERT INTO crm_outbox (platform, kind, subject, reference, state, due_at, created_at, done_at)
SELECT 'close', 'call', 'conv_' || n, 'conversation:conv_' || n,
    CASE WHEN n % 5000 = 3 THEN 'pending' WHEN n % 2000 = 4 THEN 'dead' ELSE 'done' END, at, at, at
FROM generate_series($1::int, $2::int) AS n, LATERAL (SELECT $3::timestamptz + n * interval '30 seconds' AS at) AS time
"""
_DEAD_LETTERS = """
INSERT INTO crm_dead_letters (key, platform, reason, payload, attempts, state, created_at)
SELECT 'crm:dlq:' || n, CASE WHEN n % 1000 = 1 THEN 'linkedin' ELSE 'close' END, 'crm_unavailable',
    '{"kind": "contact"}', 3, CASE WHEN n % 2000 = 1 THEN 'dead' WHEN n % 3 = 0 THEN 'discarded' ELSE 'replayed' END,
    $3::timestamptz + n * interval '10 minutes'
FROM generate_series($1::int, $2::int) AS n
"""
_CONFLICTS = """
INSERT INTO crm_conflicts (id, platform, contact_id, field, kind, winner, critical, state, created_at)
SELECT 'conflict_' || n, CASE WHEN n % 2000 = 1 THEN 'linkedin' ELSE 'close' END, 'contact_' || 1 + n % 50000, 'email',
    'both_changed', 'remote', true, CASE WHEN n % 4000 = 3 THEN 'open' ELSE 'resolved' END,
    $3::timestamptz + n * interval '5 minutes'
FROM generate_series($1::int, $2::int) AS n
"""
_SYNC_RUNS = """
INSERT INTO crm_sync_runs (id, platform, operation, trigger, status, contacts_processed, created_at, started_at,
    completed_at, duration_seconds)
SELECT 'run_' || n, CASE WHEN n % 500 = 1 THEN 'linkedin' WHEN n % 500 = 2 THEN 'apollo' ELSE 'close' END,
    'bidirectional', CASE WHEN n % 20 < 3 THEN 'schedule' ELSE 'change' END,
    CASE WHEN n % 5000 = 3 THEN 'failed' ELSE 'completed' END, 12, at, at, at, 4
FROM generate_series($1::int, $2::int) AS n, LATERAL (SELECT $3::timestamptz + n * interval '5 minutes' AS at) AS time
"""
_OPPORTUNITIES = """
INSERT INTO crm_opportunities (id, platform, external_id, contact_id, status_kind, value_cents, created_at, updated_at)
SELECT 'oppo_' || n, CASE WHEN n % 2000 = 1 THEN 'apollo' ELSE 'close' END, 'oppo_' || n, 'contact_' || 1 + n % 50000,
    CASE WHEN n % 4000 = 3 THEN 'won' WHEN n % 3 = 0 THEN 'lost' ELSE 'active' END, 50000, at, at
FROM generate_series($1::int, $2::int) AS n, LATERAL (SELECT $3::timestamptz + n * interval '2 minutes' AS at) AS time
"""
_BOOKINGS = """
INSERT INTO bookings (id, uid, idempotency_key, starts_at, ends_at, blocked, status, email, lead_id, conversation_id,
    created_at, updated_at)
SELECT 'bkg_' || n, n || '@sales-agent', 'key_' || n, at, at + interval '30 minutes',
    tstzrange(at, at + interval '30 minutes'), CASE WHEN n % 2000 = 1 THEN 'cancelled' ELSE 'booked' END,
    'user' || n || '@example.com', md5((1 + n % 200000)::text)::uuid, 'conv_' || n, at, at
FROM generate_series($1::int, $2::int) AS n, LATERAL (SELECT $3::timestamptz + n * interval '40 minutes' AS at) AS time
"""
_SUMS = (
    """
    INSERT INTO lead_emails (email, lead_id)
    SELECT address, id FROM leads CROSS JOIN unnest(array_append(further_emails, contact_email)) AS address
    """,
    """
    SELECT add_usage(array_agg(model_used(created_at, provider, model, used_within(conversation_id, execution_id),
        status, prompt_tokens, cached_tokens, completion_tokens, cost_usd, 1)))
    FROM model_calls GROUP BY (created_at AT TIME ZONE 'UTC')::date
    """,
    "SELECT add_lead_costs(array_agg(cost_of(lead_id, cost_usd, 1))) FROM model_calls GROUP BY left(lead_id::text, 2)",
    """
    INSERT INTO agent_daily
    SELECT (started_at AT TIME ZONE 'UTC')::date, agent_type, count(*), count(*) FILTER (WHERE status = 'failed'),
        sum(latency_ms), sum(cost_usd::numeric)
    FROM agent_executions GROUP BY 1, 2
    """,
    """
    INSERT INTO turn_daily
    SELECT sums.day, sums.spoken, sums.channel, sums.stage, sums.provider, sums.bucket, sum(sums.turns)
    FROM conversation_turns AS turn,
        turn_sums_of(turn.created_at, turn.channel, response_latency_ms, timings, 1) AS sums
    GROUP BY 1, 2, 3, 4, 5, 6
    """,
    """
    INSERT INTO call_sums
    SELECT sums.hour, sums.status, sums.code,
        sum(sums.quarter_1), sum(sums.quarter_2), sum(sums.quarter_3), sum(sums.quarter_4)
    FROM outbound_calls AS call, call_sum_of(call.created_at, call.status, call.code, 1) AS sums
    WHERE NOT call_is_under_way(call.status) GROUP BY 1, 2, 3
    """,
)
TABLES: dict[str, tuple[str, float]] = {
    "leads": (_LEADS, 1),
    "model_calls": (_MODEL_CALLS, 1),
    "agent_executions": (_EXECUTIONS, 1),
    "conversations": (_CONVERSATIONS, 0.5),
    "conversation_items": (_ITEMS, 2),
    "conversation_turns": (_TURNS, 1),
    "conversation_outcomes": (_OUTCOMES, 0.1),
    "crm_contacts": (_CONTACTS, 1),
    "outbound_calls": (_CALLS, 0.1),
    "crm_outbox": (_OUTBOX, 0.5),
    "crm_dead_letters": (_DEAD_LETTERS, 0.05),
    "crm_conflicts": (_CONFLICTS, 0.1),
    "crm_sync_runs": (_SYNC_RUNS, 0.1),
    "crm_opportunities": (_OPPORTUNITIES, 0.2),
    "bookings": (_BOOKINGS, 0.1),
    "claimed_numbers": (_CLAIMED, 0.02),
    "do_not_call": (_DO_NOT_CALL, 0.05),
    "call_consents": (_CONSENTS, 0.3),
    "mail_suppressions": (_NO_MAIL, 0.03),
    "operator_acts": (_ACTS, 0.1),
    "livekit_rooms": (_ROOMS, 0.001),
}
"""How each is filled, and how many rows it has for one lead."""


def lead_id(number: int) -> UUID:
    return UUID(bytes=hashlib.md5(str(number).encode(), usedforsecurity=False).digest())


def rows_of(table: str, leads: int) -> int:
    return max(1, int(leads * TABLES[table][1]))


async def fill(dsn: str, leads: int) -> None:
    """Into a database that is migrated and empty."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(_PAUSED)
        for table, (insert, _) in TABLES.items():
            built = await _without_indexes(connection, table)
            last = rows_of(table, leads)
            for first in range(1, last + 1, _BATCH):
                await connection.execute(insert, first, min(first + _BATCH - 1, last), START)
            for statement in built:
                await connection.execute(statement)
        for sums in _SUMS:
            await connection.execute(sums)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _without_indexes(connection: "asyncpg.Connection[asyncpg.Record]", table: str) -> list[str]:
    """Drop what is no constraint; returns what builds it again."""
    found = await connection.fetch(
        """
        SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS statement
        FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid
        WHERE indrelid = $1::text::regclass AND pg_constraint.oid IS NULL
        """,
        table,
    )
    for index in found:
        await connection.execute(f"DROP INDEX {index['name']}")
    return [index["statement"] for index in found]
