-- The sums of migration 0310 by channel as well: a telephone line has other latencies than a page.

DROP TRIGGER sum_new ON conversation_turns;
DROP TRIGGER sum_changed ON conversation_turns;
DROP FUNCTION sum_turns();
DROP FUNCTION add_turns(turn_daily[]);
DROP FUNCTION turn_sums_of(timestamptz, double precision, jsonb, integer);
DROP TABLE turn_daily;

-- Its conversation's, which never changes; here, so that the slowest of one channel are found by an index.
ALTER TABLE conversation_turns ADD COLUMN channel text;
UPDATE conversation_turns SET channel = conversations.channel
FROM conversations WHERE conversations.id = conversation_turns.conversation_id;
ALTER TABLE conversation_turns ALTER COLUMN channel SET NOT NULL;

CREATE FUNCTION set_turn_channel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT channel INTO NEW.channel FROM conversations WHERE id = NEW.conversation_id;
    RETURN NEW;
END;
$$;
CREATE TRIGGER channel_of_new BEFORE INSERT ON conversation_turns
    FOR EACH ROW WHEN (NEW.channel IS NULL) EXECUTE FUNCTION set_turn_channel();

DROP INDEX conversation_turns_by_latency;
CREATE INDEX conversation_turns_by_latency ON conversation_turns (
    ((created_at AT TIME ZONE 'UTC')::date), turn_is_spoken(timings), channel, response_latency_ms DESC
) WHERE response_latency_ms IS NOT NULL;

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
WITH (fillfactor = 50);

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

INSERT INTO turn_daily
SELECT sums.day, sums.spoken, sums.channel, sums.stage, sums.provider, sums.bucket, sum(sums.turns)
FROM conversation_turns AS turn,
    turn_sums_of(turn.created_at, turn.channel, turn.response_latency_ms, turn.timings, 1) AS sums
GROUP BY sums.day, sums.spoken, sums.channel, sums.stage, sums.provider, sums.bucket;
