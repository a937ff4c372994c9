-- Every query takes its rows as one JSON array: encoding them is one call, whatever their number. Their commits do not
-- wait for the disk (the setting goes with the transaction); storage.log.writer says why and what makes up for it.

-- log_conversations --
-- A conversation that is there already is left as it is: a retry, or one that is being resumed.
INSERT INTO conversations (id, channel, status, session, lead_id, metadata, agent, created_at, updated_at, ended_at)
SELECT id, channel, status, session, lead_id, metadata, agent, created_at, updated_at, ended_at
FROM json_to_recordset(%(rows)s::text::json) AS row (
    id text, channel text, status text, session jsonb, lead_id uuid, metadata jsonb, agent text,
    created_at timestamptz, updated_at timestamptz, ended_at timestamptz
)
CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS durability
ON CONFLICT (id) DO NOTHING

-- log_changes --
-- A change older than what is there, or of a holder whom another one followed, comes from a process that lost the
-- conversation: it is ignored.
UPDATE conversations
SET
    session = coalesce(row.session, conversations.session),
    status = coalesce(row.status, conversations.status),
    ended_at = CASE WHEN row.status IS NULL THEN conversations.ended_at ELSE row.ended_at END,
    updated_at = row.updated_at
FROM json_to_recordset(%(rows)s::text::json) AS row (
    id text, session jsonb, status text, ended_at timestamptz, updated_at timestamptz, fence bigint
)
CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS durability
WHERE conversations.id = row.id AND conversations.updated_at <= row.updated_at AND NOT EXISTS (
    SELECT FROM conversation_claims AS claim WHERE claim.conversation_id = row.id AND claim.fence > row.fence
)

-- log_items --
-- The newest state of an item stays, whatever the order of arrival. What comes after the words of a conversation are
-- gone is not taken.
INSERT INTO conversation_items (
    conversation_id, id, position, type, role, status, channel, modality, content,
    generated_text, synthesised_text, sent_text, heard_text, audio_ms, heard_ms,
    call_id, name, arguments, output, intent, intent_confidence, word_ends, own_tool, said_by, deleted,
    created_at, updated_at
)
SELECT
    conversation_id, id, position, type, role, status, channel, modality, content,
    generated_text, synthesised_text, sent_text, heard_text, audio_ms, heard_ms,
    call_id, name, arguments, output, intent, intent_confidence, word_ends, own_tool, said_by, deleted,
    created_at, updated_at
FROM (SELECT set_config('synchronous_commit', 'off', true) AS commits) AS durability
CROSS JOIN json_to_recordset(CASE durability.commits WHEN 'off' THEN %(rows)s::text::json END) AS row (
    conversation_id text, id text, position double precision, type text, role text, status text, channel text,
    modality text, content jsonb, generated_text text, synthesised_text text, sent_text text, heard_text text,
    audio_ms double precision, heard_ms double precision, call_id text, name text, arguments text, output text,
    intent text, intent_confidence double precision, word_ends jsonb, own_tool boolean, said_by text, deleted boolean,
    created_at timestamptz, updated_at timestamptz
)
WHERE (SELECT words_gone_at FROM conversations WHERE conversations.id = row.conversation_id) IS NULL
ON CONFLICT (conversation_id, id) DO UPDATE SET
    position = excluded.position,
    type = excluded.type,
    role = excluded.role,
    status = excluded.status,
    channel = excluded.channel,
    modality = excluded.modality,
    content = excluded.content,
    generated_text = excluded.generated_text,
    synthesised_text = excluded.synthesised_text,
    sent_text = excluded.sent_text,
    heard_text = excluded.heard_text,
    audio_ms = excluded.audio_ms,
    heard_ms = excluded.heard_ms,
    call_id = excluded.call_id,
    name = excluded.name,
    arguments = excluded.arguments,
    output = excluded.output,
    intent = excluded.intent,
    intent_confidence = excluded.intent_confidence,
    word_ends = excluded.word_ends,
    own_tool = excluded.own_tool,
    said_by = excluded.said_by,
    deleted = excluded.deleted,
    updated_at = excluded.updated_at
WHERE conversation_items.updated_at <= excluded.updated_at

-- log_turns --
INSERT INTO conversation_turns (conversation_id, item_id, response_latency_ms, timings, created_at)
SELECT conversation_id, item_id, response_latency_ms, timings, created_at
FROM json_to_recordset(%(rows)s::text::json) AS row (
    conversation_id text, item_id text, response_latency_ms double precision, timings jsonb, created_at timestamptz
)
CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS durability
ON CONFLICT (conversation_id, item_id) DO UPDATE SET
    response_latency_ms = excluded.response_latency_ms,
    timings = excluded.timings

-- log_force --
-- An empty commit that waits for the disk, and so for everything committed before it. It has to write something: a
-- transaction without a record in the write-ahead log waits for nothing.
SELECT pg_logical_emit_message(true, 'sales_agent', '')
