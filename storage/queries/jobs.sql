-- job_defer --
-- As the queue's own client does it; a job with the same queueing lock that still waits makes this fail as a duplicate.
SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
    'default', %(task)s, 0, NULL, %(queueing_lock)s, %(args)s, NULL
)::procrastinate_job_to_defer_v1])

-- job_workers --
-- Their heart beats every ten seconds.
SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute'

-- job_workers_prune --
SELECT procrastinate_prune_stalled_workers_v1(60)

-- jobs_forget --
-- And those whose worker died: what they were to do is found again by the next.
DELETE FROM procrastinate_jobs
WHERE (status = 'doing' AND worker_id IS NULL)
   OR status IN ('succeeded', 'failed', 'cancelled', 'aborted')
  AND id <= (SELECT coalesce(max(job_id), 0) FROM procrastinate_events WHERE at < %(before)s)
