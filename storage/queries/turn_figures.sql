-- All from the counts that migration 0003_turn_sums keeps. Percentiles are nearest-rank, given as the middle of their bucket. One
-- day's count of a bucket is added up as an integer: sums of bigint are numeric, and several times slower.

-- turn_spread --
SELECT bucket_middle_ms('reply', bucket) AS ms, sum(turns::integer) AS replies
FROM turn_daily
WHERE day >= %(first)s AND day <= %(last)s AND spoken = %(spoken)s
    AND channel = ANY(%(channels)s::text[]) AND stage = 'reply'
GROUP BY bucket
HAVING sum(turns::integer) > 0
ORDER BY bucket

-- turns_by_day --
SELECT day::text AS day, replies,
    bucket_middle_ms('reply', min(bucket) FILTER (WHERE 2 * up_to >= replies)) AS p50_ms,
    bucket_middle_ms('reply', min(bucket) FILTER (WHERE 20 * up_to >= 19 * replies)) AS p95_ms
FROM (
    SELECT day, bucket, turns,
        sum(turns) OVER (PARTITION BY day ORDER BY bucket) AS up_to,
        sum(turns) OVER (PARTITION BY day) AS replies
    FROM (
        SELECT day, bucket, sum(turns::integer)::integer AS turns
        FROM turn_daily
        WHERE day >= %(first)s AND day <= %(last)s AND spoken = %(spoken)s
            AND channel = ANY(%(channels)s::text[]) AND stage = 'reply'
        GROUP BY day, bucket
    ) AS of_all_channels
) AS counted
WHERE turns > 0
GROUP BY counted.day, replies
ORDER BY counted.day

-- turns_by_stage --
SELECT stage, provider, replies,
    bucket_middle_ms(stage, min(bucket) FILTER (WHERE 2 * up_to >= replies)) AS p50_ms,
    bucket_middle_ms(stage, min(bucket) FILTER (WHERE 20 * up_to >= 19 * replies)) AS p95_ms
FROM (
    SELECT stage, provider, bucket, sum(turns::integer) AS turns,
        (sum(sum(turns::integer)) OVER (PARTITION BY stage, provider ORDER BY bucket))::bigint AS up_to,
        (sum(sum(turns::integer)) OVER (PARTITION BY stage, provider))::bigint AS replies
    FROM turn_daily
    WHERE day >= %(first)s AND day <= %(last)s AND spoken = %(spoken)s
        AND channel = ANY(%(channels)s::text[])
    GROUP BY stage, provider, bucket
) AS counted
WHERE turns > 0
GROUP BY stage, provider, replies
ORDER BY replies DESC, provider

-- slowest_turns --
-- Each day's and channel's slowest from the index, and of them the slowest.
SELECT turn.conversation_id, turn.item_id, turn.response_latency_ms, turn.timings, turn.created_at,
    turn.channel, lead.company_name, lead.contact_name
FROM (
    SELECT slow.*
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS day
    CROSS JOIN unnest(%(channels)s::text[]) AS wanted (channel)
    CROSS JOIN LATERAL (
        SELECT * FROM conversation_turns
        WHERE (created_at AT TIME ZONE 'UTC')::date = day::date AND turn_is_spoken(timings) = %(spoken)s
            AND conversation_turns.channel = wanted.channel AND response_latency_ms IS NOT NULL
        ORDER BY response_latency_ms DESC
        LIMIT %(rows)s
    ) AS slow
    ORDER BY slow.response_latency_ms DESC
    LIMIT %(rows)s
) AS turn
JOIN conversations AS conversation ON conversation.id = turn.conversation_id
LEFT JOIN leads AS lead ON lead.id = conversation.lead_id
ORDER BY turn.response_latency_ms DESC
