-- Every query takes its rows as one JSON array, as those of conversation_log.sql do, and their commits do not wait for
-- the disk either. A row that is there already is overwritten. What a conversation did belongs to the lead it has by then.

-- track_executions --
-- The end of a run is never overwritten by its beginning.
INSERT INTO agent_executions (
    id, agent_type, thread_id, lead_id, conversation_id, status, engine, started_at, completed_at, latency_ms,
    cost_usd, error_code, error_message
)
SELECT
    row.id, row.agent_type, row.thread_id, coalesce(row.lead_id, conversation.lead_id), row.conversation_id,
    row.status, row.engine, row.started_at, row.completed_at, row.latency_ms, row.cost_usd, row.error_code,
    row.error_message
FROM json_to_recordset(%(rows)s::text::json) AS row (
    id text, agent_type text, thread_id text, lead_id uuid, conversation_id text, status text, engine text, started_at
    timestamptz, completed_at timestamptz, latency_ms double precision, cost_usd double precision, error_code text,
    error_message text
)
LEFT JOIN conversations AS conversation ON conversation.id = row.conversation_id
CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS durability
ON CONFLICT (id) DO UPDATE SET
    agent_type = excluded.agent_type,
    thread_id = excluded.thread_id,
    lead_id = coalesce(excluded.lead_id, agent_executions.lead_id),
    conversation_id = excluded.conversation_id,
    status = excluded.status,
    engine = excluded.engine,
    started_at = excluded.started_at,
    completed_at = excluded.completed_at,
    latency_ms = excluded.latency_ms,
    cost_usd = excluded.cost_usd,
    error_code = excluded.error_code,
    error_message = excluded.error_message
WHERE agent_executions.status IN ('pending', 'running') OR excluded.status IN ('success', 'failed')

-- track_model_calls --
INSERT INTO model_calls (
    id, provider, model, task, conversation_id, lead_id, execution_id, prompt_tokens, cached_tokens,
    completion_tokens, first_token_ms, latency_ms, cost_usd, status, error_code, created_at
)
SELECT
    row.id, row.provider, row.model, row.task, row.conversation_id, coalesce(row.lead_id, conversation.lead_id),
    row.execution_id, row.prompt_tokens, row.cached_tokens, row.completion_tokens, row.first_token_ms, row.latency_ms,
    row.cost_usd, row.status, row.error_code, row.created_at
FROM json_to_recordset(%(rows)s::text::json) AS row (
    id text, provider text, model text, task text, conversation_id text, lead_id uuid, execution_id text,
    prompt_tokens integer, cached_tokens integer, completion_tokens integer, first_token_ms double precision,
    latency_ms double precision, cost_usd double precision, status text, error_code text, created_at timestamptz
)
LEFT JOIN conversations AS conversation ON conversation.id = row.conversation_id
CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS durability
ON CONFLICT (id) DO UPDATE SET
    provider = excluded.provider,
    model = excluded.model,
    task = excluded.task,
    conversation_id = excluded.conversation_id,
    lead_id = coalesce(excluded.lead_id, model_calls.lead_id),
    execution_id = excluded.execution_id,
    prompt_tokens = excluded.prompt_tokens,
    cached_tokens = excluded.cached_tokens,
    completion_tokens = excluded.completion_tokens,
    first_token_ms = excluded.first_token_ms,
    latency_ms = excluded.latency_ms,
    cost_usd = excluded.cost_usd,
    status = excluded.status,
    error_code = excluded.error_code,
    created_at = excluded.created_at

-- track_speech_usage --
INSERT INTO speech_usage (
    id, provider, kind, conversation_id, lead_id, execution_id, audio_seconds, characters_spoken, characters_discarded,
    cost_usd, created_at
)
SELECT
    row.id, row.provider, row.kind, row.conversation_id, coalesce(row.lead_id, conversation.lead_id),
    row.execution_id, row.audio_seconds, row.characters_spoken, row.characters_discarded, row.cost_usd, row.created_at
FROM json_to_recordset(%(rows)s::text::json) AS row (
    id text, provider text, kind text, conversation_id text, lead_id uuid, execution_id text, audio_seconds double
    precision, characters_spoken integer, characters_discarded integer, cost_usd double precision, created_at
    timestamptz
)
LEFT JOIN conversations AS conversation ON conversation.id = row.conversation_id
CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS durability
ON CONFLICT (id) DO UPDATE SET
    provider = excluded.provider,
    kind = excluded.kind,
    conversation_id = excluded.conversation_id,
    lead_id = coalesce(excluded.lead_id, speech_usage.lead_id),
    execution_id = excluded.execution_id,
    audio_seconds = excluded.audio_seconds,
    characters_spoken = excluded.characters_spoken,
    characters_discarded = excluded.characters_discarded,
    cost_usd = excluded.cost_usd,
    created_at = excluded.created_at

-- track_tool_calls --
INSERT INTO tool_calls (
    id, name, execution_id, conversation_id, lead_id, status, latency_ms, error_code, created_at
)
SELECT
    row.id, row.name, row.execution_id, row.conversation_id, coalesce(row.lead_id, conversation.lead_id), row.status,
    row.latency_ms, row.error_code, row.created_at
FROM json_to_recordset(%(rows)s::text::json) AS row (
    id text, name text, execution_id text, conversation_id text, lead_id uuid, status text, latency_ms double
    precision, error_code text, created_at timestamptz
)
LEFT JOIN conversations AS conversation ON conversation.id = row.conversation_id
CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS durability
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name,
    execution_id = excluded.execution_id,
    conversation_id = excluded.conversation_id,
    lead_id = coalesce(excluded.lead_id, tool_calls.lead_id),
    status = excluded.status,
    latency_ms = excluded.latency_ms,
    error_code = excluded.error_code,
    created_at = excluded.created_at

-- track_qualification_results --
INSERT INTO qualification_results (
    execution_id, lead_id, score, tier, reasoning, metadata, created_at
)
SELECT
    row.execution_id, coalesce(row.lead_id, execution.lead_id), row.score, row.tier, row.reasoning, row.metadata, row.created_at
FROM json_to_recordset(%(rows)s::text::json) AS row (
    execution_id text, lead_id uuid, score integer, tier text, reasoning text, metadata jsonb, created_at timestamptz
)
LEFT JOIN agent_executions AS execution ON execution.id = row.execution_id
CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS durability
ON CONFLICT (execution_id) DO UPDATE SET
    lead_id = coalesce(excluded.lead_id, qualification_results.lead_id),
    score = excluded.score,
    tier = excluded.tier,
    reasoning = excluded.reasoning,
    metadata = excluded.metadata,
    created_at = excluded.created_at

-- track_enrichment_results --
INSERT INTO enrichment_results (
    execution_id, lead_id, enriched_data, source, credits, created_at
)
SELECT
    row.execution_id, coalesce(row.lead_id, execution.lead_id), row.enriched_data, row.source, row.credits, row.created_at
FROM json_to_recordset(%(rows)s::text::json) AS row (
    execution_id text, lead_id uuid, enriched_data jsonb, source text, credits integer, created_at timestamptz
)
LEFT JOIN agent_executions AS execution ON execution.id = row.execution_id
CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS durability
ON CONFLICT (execution_id) DO UPDATE SET
    lead_id = coalesce(excluded.lead_id, enrichment_results.lead_id),
    enriched_data = excluded.enriched_data,
    source = excluded.source,
    credits = excluded.credits,
    created_at = excluded.created_at

-- track_workflow_state --
-- The newest state stays, whatever the order of arrival.
INSERT INTO workflow_state (
    thread_id, lead_id, current_agent, status, metadata, emails, phones, updated_at
)
SELECT
    thread_id, lead_id, current_agent, status, metadata, emails, phones, updated_at
FROM json_to_recordset(%(rows)s::text::json) AS row (
    thread_id text, lead_id uuid, current_agent text, status text, metadata jsonb, emails text[], phones text[],
    updated_at timestamptz
)
CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS durability
ON CONFLICT (thread_id) DO UPDATE SET
    lead_id = coalesce(excluded.lead_id, workflow_state.lead_id),
    current_agent = excluded.current_agent,
    status = excluded.status,
    metadata = excluded.metadata,
    emails = ARRAY(SELECT DISTINCT unnest(workflow_state.emails || excluded.emails) ORDER BY 1),
    phones = ARRAY(SELECT DISTINCT unnest(workflow_state.phones || excluded.phones) ORDER BY 1),
    updated_at = excluded.updated_at
WHERE workflow_state.updated_at <= excluded.updated_at
