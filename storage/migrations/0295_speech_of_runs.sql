-- Speech that is used outside a live conversation: by a run of an agent, which pays for it, or for a text that is spoken
-- on its own.

ALTER TABLE speech_usage ALTER COLUMN conversation_id DROP NOT NULL;
ALTER TABLE speech_usage ADD COLUMN execution_id text;

CREATE FUNCTION speech_used(
    at timestamptz, provider text, kind text, execution_id text, audio_seconds double precision,
    characters_spoken integer, characters_discarded integer, cost_usd double precision, sign integer
) RETURNS usage_daily LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(
        (at AT TIME ZONE 'UTC')::date, 'speech', provider, kind,
        CASE WHEN execution_id IS NULL THEN 'conversation' ELSE 'agent' END,
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
        array_agg(speech_used(created_at, provider, kind, execution_id, audio_seconds, characters_spoken,
            characters_discarded, cost_usd, 1)),
        array_agg(cost_of(lead_id, cost_usd, 1))
    INTO rows, costs FROM new_rows;
    IF TG_OP = 'UPDATE' THEN
        SELECT
            rows || array_agg(speech_used(created_at, provider, kind, execution_id, audio_seconds, characters_spoken,
                characters_discarded, cost_usd, -1)),
            costs || array_agg(cost_of(lead_id, cost_usd, -1))
        INTO rows, costs FROM old_rows;
    END IF;
    PERFORM add_usage(rows), add_lead_costs(costs);
    RETURN NULL;
END;
$$;
DROP FUNCTION speech_usage_of;
