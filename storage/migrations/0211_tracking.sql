-- Every execution and cent. Columns have the names of storage.tracking_records. Rows are written behind, in any order and
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

CREATE TABLE speech_usage (
    id text PRIMARY KEY,
    provider text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('stt', 'tts')),
    conversation_id text NOT NULL,
    lead_id uuid,
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

CREATE TABLE workflow_state (
    thread_id text PRIMARY KEY,
    lead_id uuid,
    current_agent text NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed')),
    metadata jsonb NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL
);
CREATE INDEX workflow_state_by_lead ON workflow_state (lead_id) WHERE lead_id IS NOT NULL;

-- Sums that reports read, kept by triggers as rows are written, so that a report never reads millions of rows. A row
-- written twice counts once: what it said before is taken off again. Rows that are deleted later stay in the sums.

-- within: whether an agent's run or the live conversation itself asked. model is stt or tts for speech.
CREATE TABLE usage_daily (
    day date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('model', 'speech')),
    provider text NOT NULL,
    model text NOT NULL,
    within text NOT NULL CHECK (within IN ('conversation', 'agent')),
    calls bigint NOT NULL,
    failed bigint NOT NULL,
    unpriced bigint NOT NULL,
    prompt_tokens bigint NOT NULL,
    cached_tokens bigint NOT NULL,
    completion_tokens bigint NOT NULL,
    audio_seconds double precision NOT NULL,
    characters_spoken bigint NOT NULL,
    characters_discarded bigint NOT NULL,
    cost_usd numeric NOT NULL,
    PRIMARY KEY (day, kind, provider, model, within)
);

CREATE TABLE agent_daily (
    day date NOT NULL,
    agent_type text NOT NULL,
    runs bigint NOT NULL,
    failed bigint NOT NULL,
    latency_ms double precision NOT NULL,
    cost_usd numeric NOT NULL,
    PRIMARY KEY (day, agent_type)
);

CREATE TABLE lead_costs (
    lead_id uuid PRIMARY KEY,
    calls bigint NOT NULL,
    unpriced bigint NOT NULL,
    cost_usd numeric NOT NULL
);
CREATE INDEX lead_costs_by_cost ON lead_costs (cost_usd DESC, lead_id DESC);

-- Rows of sums are locked in one order by everybody, so that two processes never wait for each other.
CREATE FUNCTION add_usage(rows usage_daily[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO usage_daily
    SELECT day, kind, provider, model, within, sum(calls), sum(failed), sum(unpriced), sum(prompt_tokens),
        sum(cached_tokens), sum(completion_tokens), sum(audio_seconds), sum(characters_spoken),
        sum(characters_discarded), sum(cost_usd)
    FROM unnest(rows)
    GROUP BY day, kind, provider, model, within
    HAVING (
        sum(calls), sum(failed), sum(unpriced), sum(prompt_tokens), sum(cached_tokens), sum(completion_tokens),
        sum(audio_seconds), sum(characters_spoken), sum(characters_discarded), sum(cost_usd)
    ) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    ORDER BY day, kind, provider, model, within
    ON CONFLICT (day, kind, provider, model, within) DO UPDATE SET
        calls = usage_daily.calls + excluded.calls,
        failed = usage_daily.failed + excluded.failed,
        unpriced = usage_daily.unpriced + excluded.unpriced,
        prompt_tokens = usage_daily.prompt_tokens + excluded.prompt_tokens,
        cached_tokens = usage_daily.cached_tokens + excluded.cached_tokens,
        completion_tokens = usage_daily.completion_tokens + excluded.completion_tokens,
        audio_seconds = usage_daily.audio_seconds + excluded.audio_seconds,
        characters_spoken = usage_daily.characters_spoken + excluded.characters_spoken,
        characters_discarded = usage_daily.characters_discarded + excluded.characters_discarded,
        cost_usd = usage_daily.cost_usd + excluded.cost_usd
$$;

CREATE FUNCTION add_lead_costs(rows lead_costs[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO lead_costs
    SELECT lead_id, sum(calls), sum(unpriced), sum(cost_usd) FROM unnest(rows)
    WHERE lead_id IS NOT NULL
    GROUP BY lead_id
    HAVING sum(calls) <> 0 OR sum(unpriced) <> 0 OR sum(cost_usd) <> 0
    ORDER BY lead_id
    ON CONFLICT (lead_id) DO UPDATE SET
        calls = lead_costs.calls + excluded.calls,
        unpriced = lead_costs.unpriced + excluded.unpriced,
        cost_usd = lead_costs.cost_usd + excluded.cost_usd
$$;

-- What one row adds; sign -1 takes it off again. The rows a trigger sees have no type of their own, so these take columns.
CREATE FUNCTION cost_of(lead_id uuid, cost_usd double precision, sign integer) RETURNS lead_costs
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(lead_id, sign, sign * (cost_usd IS NULL)::integer, sign * coalesce(cost_usd, 0)::numeric)::lead_costs
$$;

CREATE FUNCTION model_usage(
    at timestamptz, provider text, model text, execution_id text, status text, prompt_tokens integer,
    cached_tokens integer, completion_tokens integer, cost_usd double precision, sign integer
) RETURNS usage_daily LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(
        (at AT TIME ZONE 'UTC')::date, 'model', provider, model,
        CASE WHEN execution_id IS NULL THEN 'conversation' ELSE 'agent' END,
        sign, sign * (status = 'failed')::integer, sign * (cost_usd IS NULL)::integer,
        sign * prompt_tokens, sign * cached_tokens, sign * completion_tokens, 0, 0, 0,
        sign * coalesce(cost_usd, 0)::numeric
    )::usage_daily
$$;

CREATE FUNCTION sum_model_calls() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rows usage_daily[];
    costs lead_costs[];
BEGIN
    SELECT
        array_agg(model_usage(created_at, provider, model, execution_id, status, prompt_tokens, cached_tokens,
            completion_tokens, cost_usd, 1)),
        array_agg(cost_of(lead_id, cost_usd, 1))
    INTO rows, costs FROM new_rows;
    IF TG_OP = 'UPDATE' THEN
        SELECT
            rows || array_agg(model_usage(created_at, provider, model, execution_id, status, prompt_tokens,
                cached_tokens, completion_tokens, cost_usd, -1)),
            costs || array_agg(cost_of(lead_id, cost_usd, -1))
        INTO rows, costs FROM old_rows;
    END IF;
    PERFORM add_usage(rows), add_lead_costs(costs);
    RETURN NULL;
END;
$$;

CREATE FUNCTION speech_usage_of(
    at timestamptz, provider text, kind text, audio_seconds double precision, characters_spoken integer,
    characters_discarded integer, cost_usd double precision, sign integer
) RETURNS usage_daily LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(
        (at AT TIME ZONE 'UTC')::date, 'speech', provider, kind, 'conversation',
        sign, 0, sign * (cost_usd IS NULL)::integer, 0, 0, 0,
        sign * audio_seconds, sign * characters_spoken, sign * characters_discarded,
        sign * coalesce(cost_usd, 0)::numeric
    )::usage_daily
$$;

CREATE FUNCTION sum_speech_usage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rows usage_daily[];
    costs lead_costs[];
BEGIN
    SELECT
        array_agg(speech_usage_of(created_at, provider, kind, audio_seconds, characters_spoken, characters_discarded,
            cost_usd, 1)),
        array_agg(cost_of(lead_id, cost_usd, 1))
    INTO rows, costs FROM new_rows;
    IF TG_OP = 'UPDATE' THEN
        SELECT
            rows || array_agg(speech_usage_of(created_at, provider, kind, audio_seconds, characters_spoken,
                characters_discarded, cost_usd, -1)),
            costs || array_agg(cost_of(lead_id, cost_usd, -1))
        INTO rows, costs FROM old_rows;
    END IF;
    PERFORM add_usage(rows), add_lead_costs(costs);
    RETURN NULL;
END;
$$;

CREATE TRIGGER sum_new AFTER INSERT ON model_calls REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sum_model_calls();
CREATE TRIGGER sum_changed AFTER UPDATE ON model_calls REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sum_model_calls();
CREATE TRIGGER sum_new AFTER INSERT ON speech_usage REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sum_speech_usage();
CREATE TRIGGER sum_changed AFTER UPDATE ON speech_usage REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sum_speech_usage();

-- Only runs that are over count.
CREATE FUNCTION sum_runs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rows agent_daily[];
BEGIN
    SELECT array_agg(run_of(started_at, agent_type, status, latency_ms, cost_usd, 1)) INTO rows FROM new_rows;
    IF TG_OP = 'UPDATE' THEN
        SELECT rows || array_agg(run_of(started_at, agent_type, status, latency_ms, cost_usd, -1))
        INTO rows FROM old_rows;
    END IF;
    INSERT INTO agent_daily
    SELECT day, agent_type, sum(runs), sum(failed), sum(latency_ms), sum(cost_usd)
    FROM unnest(rows)
    GROUP BY day, agent_type
    HAVING (sum(runs), sum(failed), sum(latency_ms), sum(cost_usd)) <> (0, 0, 0, 0)
    ORDER BY day, agent_type
    ON CONFLICT (day, agent_type) DO UPDATE SET
        runs = agent_daily.runs + excluded.runs,
        failed = agent_daily.failed + excluded.failed,
        latency_ms = agent_daily.latency_ms + excluded.latency_ms,
        cost_usd = agent_daily.cost_usd + excluded.cost_usd;
    RETURN NULL;
END;
$$;

CREATE FUNCTION run_of(
    at timestamptz, agent_type text, status text, latency_ms double precision, cost_usd double precision, sign integer
) RETURNS agent_daily LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(
        (at AT TIME ZONE 'UTC')::date, agent_type, sign * is_over, sign * is_over * (status = 'failed')::integer,
        sign * is_over * coalesce(latency_ms, 0), sign * is_over * cost_usd::numeric
    )::agent_daily
    FROM (SELECT (status IN ('success', 'failed'))::integer AS is_over) AS state
$$;

CREATE TRIGGER sum_new AFTER INSERT ON agent_executions REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sum_runs();
CREATE TRIGGER sum_changed AFTER UPDATE ON agent_executions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sum_runs();

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
