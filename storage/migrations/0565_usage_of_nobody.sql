-- What neither a conversation nor an agent's run asks for, such as the requests of one token by which providers of models
-- are kept warm and probed, and texts spoken on their own, is no longer counted as the conversations'.

ALTER TABLE usage_daily DROP CONSTRAINT usage_daily_within_check;
ALTER TABLE usage_daily ADD CONSTRAINT usage_daily_within_check CHECK (within IN ('conversation', 'agent', 'other'));

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

CREATE OR REPLACE FUNCTION sum_model_calls() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP FUNCTION model_usage;

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

CREATE OR REPLACE FUNCTION sum_speech_usage() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP FUNCTION speech_used;
