-- call_sums --
-- plan: each time
-- Of calls that are over, by the hour of UTC's day, for each run of hours.
SELECT run, hour % 24 AS hour, status, nullif(code, '') AS code,
    sum(quarter_1)::int AS quarter_1, sum(quarter_2)::int AS quarter_2, sum(quarter_3)::int AS quarter_3,
    sum(quarter_4)::int AS quarter_4
FROM unnest(%(since)s::int[], %(until)s::int[]) WITH ORDINALITY AS runs (since, until, run)
JOIN call_sums ON hour >= since AND hour < until
GROUP BY run, hour % 24, status, call_sums.code

-- calls_under_way --
-- plan: each time
-- They are few, and the index outbound_calls_open has them.
SELECT extract(hour FROM created_at AT TIME ZONE %(time_zone)s)::int AS hour, status, code, count(*)::int AS calls
FROM outbound_calls
WHERE status IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown')
    AND created_at >= %(since)s AND created_at < %(until)s
GROUP BY 1, 2, 3
