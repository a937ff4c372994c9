-- calls_by_hour --
-- plan: each time
SELECT extract(hour FROM created_at AT TIME ZONE %(time_zone)s)::int AS hour, status, code, count(*)::int AS calls
FROM outbound_calls
WHERE created_at >= %(first)s::date::timestamp AT TIME ZONE %(time_zone)s
    AND created_at < (%(last)s::date + 1)::timestamp AT TIME ZONE %(time_zone)s
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
