-- How fast replies came, over all conversations: counted by day, channel, stage and provider as turns are written, so
-- that a report never reads millions of turns, and percentiles are of all of them.

-- spoken: whether the caller spoke, and waited from the end of speech on; else from their request. provider is '' for
-- the whole reply, which many had a part in. bucket: latency_bucket of the milliseconds.
CREATE TABLE turn_daily (
    day date NOT NULL,
    spoken boolean NOT NULL,
    channel text NOT NULL,
    stage text NOT NULL CHECK (stage IN ('reply', 'end_of_turn', 'transcript', 'first_token', 'first_audio')),
    provider text NOT NULL,
    bucket smallint NOT NULL,
    turns bigint NOT NULL,
    PRIMARY KEY (day, spoken, channel, stage, provider, bucket)
)
-- Rows of today change with every turn, and no index holds what changes.
WITH (fillfactor = 50);

-- Each bucket ends 4 % above where it begins, so its middle is within 2 % of whatever is in it. Of stages, which are
-- many, two buckets are counted as the first of them: within 4 %, in half the rows.
CREATE FUNCTION latency_bucket(stage text, ms double precision) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
    SELECT (fine - CASE WHEN stage = 'reply' THEN 0 ELSE fine % 2 END)::smallint
    FROM (SELECT floor(ln(least(greatest(ms, 1), 3600000)) / ln(1.04))::integer) AS scale (fine)
$$;

CREATE FUNCTION bucket_middle_ms(stage text, bucket integer) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT round((1.04 ^ (bucket + CASE WHEN stage = 'reply' THEN 0.5 ELSE 1 END))::numeric, 1)::double precision
$$;

-- null: that stage was not reached.
CREATE FUNCTION turn_figure(timings jsonb, name text) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE jsonb_typeof(timings -> name) WHEN 'number' THEN (timings ->> name)::double precision END
$$;

CREATE FUNCTION turn_is_spoken(timings jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_typeof(timings -> 'turn_end_ms') = 'number', false)
$$;

-- What one turn adds; sign -1 takes it off again. Stages are those of the metric sales_agent_turn_stage_seconds. A
-- reply in text has no stage of the voice: its first audio is its first token.
CREATE FUNCTION turn_sums_of(
    at timestamptz, channel text, latency_ms double precision, timings jsonb, sign integer
) RETURNS SETOF turn_daily LANGUAGE sql IMMUTABLE AS $$
    SELECT
        (at AT TIME ZONE 'UTC')::date, turn_is_spoken(timings), channel, stage, coalesce(provider, ''),
        latency_bucket(stage, ms), sign
    FROM (VALUES
        ('reply', '', latency_ms),
        ('end_of_turn', timings ->> 'recognizer',
            turn_figure(timings, 'turn_end_ms') - turn_figure(timings, 'speech_end_ms')),
        ('transcript', timings ->> 'recognizer',
            turn_figure(timings, 'transcript_ms') - turn_figure(timings, 'speech_end_ms')),
        ('first_token', timings ->> 'model',
            turn_figure(timings, 'first_token_ms') - turn_figure(timings, 'model_start_ms')),
        ('first_audio', timings ->> 'voice',
            nullif(turn_figure(timings, 'first_audio_ms') - turn_figure(timings, 'first_token_ms'), 0))
    ) AS reached (stage, provider, ms)
    WHERE latency_ms IS NOT NULL AND ms IS NOT NULL
$$;

-- Rows of sums are locked in one order by everybody, so that two processes never wait for each other.
CREATE FUNCTION add_turns(rows turn_daily[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO turn_daily
    SELECT day, spoken, channel, stage, provider, bucket, sum(turns)
    FROM unnest(rows)
    GROUP BY day, spoken, channel, stage, provider, bucket
    HAVING sum(turns) <> 0
    ORDER BY day, spoken, channel, stage, provider, bucket
    ON CONFLICT (day, spoken, channel, stage, provider, bucket)
        DO UPDATE SET turns = turn_daily.turns + excluded.turns
$$;

CREATE FUNCTION sum_turns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rows turn_daily[];
BEGIN
    SELECT array_agg(sums) INTO rows
    FROM new_rows, turn_sums_of(created_at, channel, response_latency_ms, timings, 1) AS sums;
    IF TG_OP = 'UPDATE' THEN
        SELECT rows || array_agg(sums) INTO rows
        FROM old_rows, turn_sums_of(created_at, channel, response_latency_ms, timings, -1) AS sums;
    END IF;
    PERFORM add_turns(rows);
    RETURN NULL;
END;
$$;

CREATE TRIGGER sum_new AFTER INSERT ON conversation_turns REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sum_turns();
CREATE TRIGGER sum_changed AFTER UPDATE ON conversation_turns REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sum_turns();

-- The slowest replies of a day.
CREATE INDEX conversation_turns_by_latency ON conversation_turns (
    ((created_at AT TIME ZONE 'UTC')::date), turn_is_spoken(timings), channel, response_latency_ms DESC
) WHERE response_latency_ms IS NOT NULL;
