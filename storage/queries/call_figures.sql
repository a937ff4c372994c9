-- calls_by_hour --
-- plan: each time
-- By quarters of an hour first, in which every time zone's hours begin: what is turned into its time is few.
SELECT extract(hour FROM quarter AT TIME ZONE %(time_zone)s)::int AS hour, status, code, sum(calls)::int AS calls
FROM (
    SELECT date_bin('15 minutes', created_at, 'epoch') AS quarter, status, code, count(*) AS calls
    FROM outbound_calls
    WHERE created_at >= %(first)s::date::timestamp AT TIME ZONE %(time_zone)s
        AND created_at < (%(last)s::date + 1)::timestamp AT TIME ZONE %(time_zone)s
    GROUP BY 1, 2, 3
) AS quarters
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
