-- Sums that reports read, kept by triggers as rows are written, so that a report never reads millions of rows. A row
-- written twice counts once: what it said before is taken off again. Rows that are deleted later stay in the sums.

-- model is stt or tts for speech. within: what asked for it; ``other`` is what neither a conversation nor an agent's
-- run asks for, such as the requests of one token by which providers of models are kept warm and probed.
CREATE TABLE usage_daily (
    day date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('model', 'speech')),
    provider text NOT NULL,
    model text NOT NULL,
    within text NOT NULL CHECK (within IN ('conversation', 'agent', 'other')),
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

-- What one row adds; sign -1 takes it off again. The rows a trigger sees have no type of their own, so these take
-- columns.
CREATE FUNCTION cost_of(lead_id uuid, cost_usd double precision, sign integer) RETURNS lead_costs
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(lead_id, sign, sign * (cost_usd IS NULL)::integer, sign * coalesce(cost_usd, 0)::numeric)::lead_costs
$$;

CREATE FUNCTION used_within(conversation_id text, execution_id text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN execution_id IS NOT NULL THEN 'agent'
        WHEN conversation_id IS NOT NULL THEN 'conversation'
        ELSE 'other'
    END
$$;

CREATE FUNCTION model_used(
    at timestamptz, provider text, model text, within text, status text, prompt_tokens integer, cached_tokens integer,
    completion_tokens integer, cost_usd double precision, sign integer
) RETURNS usage_daily LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(
        (at AT TIME ZONE 'UTC')::date, 'model', provider, model, within,
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
        array_agg(model_used(created_at, provider, model, used_within(conversation_id, execution_id), status,
            prompt_tokens, cached_tokens, completion_tokens, cost_usd, 1)),
        array_agg(cost_of(lead_id, cost_usd, 1))
    INTO rows, costs FROM new_rows;
    IF TG_OP = 'UPDATE' THEN
        SELECT
            rows || array_agg(model_used(created_at, provider, model, used_within(conversation_id, execution_id),
                status, prompt_tokens, cached_tokens, completion_tokens, cost_usd, -1)),
            costs || array_agg(cost_of(lead_id, cost_usd, -1))
        INTO rows, costs FROM old_rows;
    END IF;
    PERFORM add_usage(rows), add_lead_costs(costs);
    RETURN NULL;
END;
$$;

CREATE FUNCTION speech_used_within(
    at timestamptz, provider text, kind text, within text, audio_seconds double precision, characters_spoken integer,
    characters_discarded integer, cost_usd double precision, sign integer
) RETURNS usage_daily LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(
        (at AT TIME ZONE 'UTC')::date, 'speech', provider, kind, within,
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
        array_agg(speech_used_within(created_at, provider, kind, used_within(conversation_id, execution_id),
            audio_seconds, characters_spoken, characters_discarded, cost_usd, 1)),
        array_agg(cost_of(lead_id, cost_usd, 1))
    INTO rows, costs FROM new_rows;
    IF TG_OP = 'UPDATE' THEN
        SELECT
            rows || array_agg(speech_used_within(created_at, provider, kind, used_within(conversation_id, execution_id),
                audio_seconds, characters_spoken, characters_discarded, cost_usd, -1)),
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
CREATE FUNCTION run_of(
    at timestamptz, agent_type text, status text, latency_ms double precision, cost_usd double precision, sign integer
) RETURNS agent_daily LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(
        (at AT TIME ZONE 'UTC')::date, agent_type, sign * is_over, sign * is_over * (status = 'failed')::integer,
        sign * is_over * coalesce(latency_ms, 0), sign * is_over * cost_usd::numeric
    )::agent_daily
    FROM (SELECT (status IN ('success', 'failed'))::integer AS is_over) AS state
$$;

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

CREATE TRIGGER sum_new AFTER INSERT ON agent_executions REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sum_runs();
CREATE TRIGGER sum_changed AFTER UPDATE ON agent_executions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sum_runs();
