-- Every execution and cent. Columns have the names of storage.ledger.records. Rows are written behind, in any order and
-- more than once, so nothing refers to anything by a foreign key.

CREATE TABLE agent_executions (
    id text PRIMARY KEY,
    agent_type text NOT NULL,
    thread_id text,
    lead_id uuid,
    conversation_id text,
    status text NOT NULL CHECK (status IN ('pending', 'running', 'success', 'failed')),
    engine text,
    started_at timestamptz NOT NULL,
    completed_at timestamptz,
    latency_ms double precision,
    cost_usd double precision NOT NULL DEFAULT 0,
    error_code text,
    error_message text
);
CREATE INDEX agent_executions_by_time ON agent_executions (started_at DESC, id DESC);
CREATE INDEX agent_executions_by_agent ON agent_executions (agent_type, started_at DESC, id DESC);
CREATE INDEX agent_executions_by_status ON agent_executions (status, started_at DESC, id DESC);
CREATE INDEX agent_executions_by_lead ON agent_executions (lead_id, started_at DESC, id DESC)
    WHERE lead_id IS NOT NULL;
CREATE INDEX agent_executions_by_conversation ON agent_executions (conversation_id)
    WHERE conversation_id IS NOT NULL;
CREATE INDEX agent_executions_of_threads ON agent_executions (thread_id) WHERE thread_id IS NOT NULL;
-- How the runs of a research ended.
CREATE INDEX agent_executions_of_research ON agent_executions (thread_id, started_at DESC)
    WHERE agent_type = 'research';

CREATE TABLE model_calls (
    id text PRIMARY KEY,
    provider text NOT NULL,
    model text NOT NULL,
    task text NOT NULL,
    conversation_id text,
    lead_id uuid,
    execution_id text,
    prompt_tokens integer NOT NULL DEFAULT 0,
    cached_tokens integer NOT NULL DEFAULT 0,
    completion_tokens integer NOT NULL DEFAULT 0,
    total_tokens integer NOT NULL GENERATED ALWAYS AS (prompt_tokens + completion_tokens) STORED,
    first_token_ms double precision,
    latency_ms double precision NOT NULL,
    cost_usd double precision,
    status text NOT NULL CHECK (status IN ('success', 'failed', 'cancelled')),
    error_code text,
    created_at timestamptz NOT NULL
);
CREATE INDEX model_calls_by_lead ON model_calls (lead_id, created_at) WHERE lead_id IS NOT NULL;
CREATE INDEX model_calls_by_execution ON model_calls (execution_id) WHERE execution_id IS NOT NULL;
CREATE INDEX model_calls_unattributed ON model_calls (conversation_id)
    WHERE lead_id IS NULL AND conversation_id IS NOT NULL;

-- Without a conversation: used by a run of an agent, which pays for it, or for a text that is spoken on its own.
CREATE TABLE speech_usage (
    id text PRIMARY KEY,
    provider text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('stt', 'tts')),
    conversation_id text,
    lead_id uuid,
    execution_id text,
    audio_seconds double precision NOT NULL DEFAULT 0,
    characters_spoken integer NOT NULL DEFAULT 0,
    characters_discarded integer NOT NULL DEFAULT 0,
    cost_usd double precision,
    created_at timestamptz NOT NULL
);
CREATE INDEX speech_usage_by_lead ON speech_usage (lead_id, created_at) WHERE lead_id IS NOT NULL;
CREATE INDEX speech_usage_unattributed ON speech_usage (conversation_id) WHERE lead_id IS NULL;

CREATE TABLE tool_calls (
    id text PRIMARY KEY,
    name text NOT NULL,
    execution_id text,
    conversation_id text,
    lead_id uuid,
    status text NOT NULL CHECK (status IN ('success', 'failed', 'cancelled')),
    latency_ms double precision NOT NULL,
    error_code text,
    created_at timestamptz NOT NULL
);
CREATE INDEX tool_calls_by_execution ON tool_calls (execution_id) WHERE execution_id IS NOT NULL;
CREATE INDEX tool_calls_by_conversation ON tool_calls (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX tool_calls_by_lead ON tool_calls (lead_id) WHERE lead_id IS NOT NULL;

CREATE TABLE qualification_results (
    execution_id text PRIMARY KEY,
    lead_id uuid,
    score integer NOT NULL,
    tier text NOT NULL,
    reasoning text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL
);
CREATE INDEX qualification_results_by_lead ON qualification_results (lead_id, created_at DESC)
    WHERE lead_id IS NOT NULL;

CREATE TABLE enrichment_results (
    execution_id text PRIMARY KEY,
    lead_id uuid,
    enriched_data jsonb NOT NULL,
    source text NOT NULL,
    credits integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL
);
CREATE INDEX enrichment_results_by_lead ON enrichment_results (lead_id, created_at DESC) WHERE lead_id IS NOT NULL;

-- ``emails``, ``phones``: whom a thread is about that was begun with a lead nobody keeps; by these an erasure finds it.
CREATE TABLE workflow_state (
    thread_id text PRIMARY KEY,
    lead_id uuid,
    emails text[] NOT NULL DEFAULT '{}',
    phones text[] NOT NULL DEFAULT '{}',
    current_agent text NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed')),
    metadata jsonb NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL
);
CREATE INDEX workflow_state_by_lead ON workflow_state (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX workflow_state_by_emails ON workflow_state USING gin (emails) WHERE emails <> '{}';
CREATE INDEX workflow_state_by_phones ON workflow_state USING gin (phones) WHERE phones <> '{}';
-- What agents ask a person, over all leads: few rows, however many threads there are.
CREATE INDEX workflow_state_waiting ON workflow_state (updated_at DESC, thread_id DESC) WHERE status = 'pending';

-- A lead shows its newest qualification. Its status follows only while nobody and nothing has moved it on.
CREATE FUNCTION lead_takes_qualification() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leads SET
        qualification_score = greatest(0, least(100, newest.score)),
        qualification_tier = newest.tier,
        qualification_reasoning = newest.reasoning,
        qualification_latency_ms = newest.latency_ms,
        qualified_at = newest.created_at,
        status = CASE
            WHEN leads.status NOT IN ('pending', 'qualified', 'unqualified') THEN leads.status
            WHEN newest.tier = 'cold' THEN 'unqualified'
            ELSE 'qualified'
        END,
        updated_at = greatest(leads.updated_at, newest.created_at)
    FROM (
        SELECT DISTINCT ON (result.lead_id) result.*, execution.latency_ms
        FROM qualification_results AS result
        LEFT JOIN agent_executions AS execution ON execution.id = result.execution_id
        WHERE result.lead_id IN (SELECT lead_id FROM new_rows)
        ORDER BY result.lead_id, result.created_at DESC
    ) AS newest
    WHERE leads.id = newest.lead_id AND coalesce(leads.qualified_at, '-infinity') < newest.created_at;
    RETURN NULL;
END;
$$;

CREATE TRIGGER lead_takes_new AFTER INSERT ON qualification_results REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION lead_takes_qualification();
CREATE TRIGGER lead_takes_changed AFTER UPDATE ON qualification_results REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION lead_takes_qualification();

-- Gives what conversations did before their lead was known to the lead.
CREATE FUNCTION give_to_leads(conversation_ids text[]) RETURNS void LANGUAGE sql AS $$
    UPDATE agent_executions AS row SET lead_id = conversation.lead_id FROM conversations AS conversation
    WHERE conversation.id = ANY(conversation_ids) AND conversation.lead_id IS NOT NULL
      AND row.conversation_id = conversation.id AND row.lead_id IS NULL;

    UPDATE qualification_results AS row SET lead_id = execution.lead_id FROM agent_executions AS execution
    WHERE execution.conversation_id = ANY(conversation_ids) AND execution.lead_id IS NOT NULL
      AND row.execution_id = execution.id AND row.lead_id IS NULL;

    UPDATE enrichment_results AS row SET lead_id = execution.lead_id FROM agent_executions AS execution
    WHERE execution.conversation_id = ANY(conversation_ids) AND execution.lead_id IS NOT NULL
      AND row.execution_id = execution.id AND row.lead_id IS NULL;

    UPDATE tool_calls AS row SET lead_id = conversation.lead_id FROM conversations AS conversation
    WHERE conversation.id = ANY(conversation_ids) AND conversation.lead_id IS NOT NULL
      AND row.conversation_id = conversation.id AND row.lead_id IS NULL;

    UPDATE model_calls AS row SET lead_id = conversation.lead_id FROM conversations AS conversation
    WHERE conversation.id = ANY(conversation_ids) AND conversation.lead_id IS NOT NULL
      AND row.conversation_id = conversation.id AND row.lead_id IS NULL;

    UPDATE speech_usage AS row SET lead_id = conversation.lead_id FROM conversations AS conversation
    WHERE conversation.id = ANY(conversation_ids) AND conversation.lead_id IS NOT NULL
      AND row.conversation_id = conversation.id AND row.lead_id IS NULL;
$$;

-- The usage of speech is what a conversation leaves last.
CREATE FUNCTION conversation_is_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM give_to_leads(ARRAY(SELECT DISTINCT conversation_id FROM new_rows));
    RETURN NULL;
END;
$$;

CREATE TRIGGER conversation_is_over AFTER INSERT ON speech_usage REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION conversation_is_over();
