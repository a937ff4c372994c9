-- crm_run_add --
INSERT INTO crm_sync_runs (id, platform, operation, mode, trigger, filters, status, created_at)
VALUES (%(id)s, %(platform)s, %(operation)s, %(mode)s, %(trigger)s, %(filters)s, 'queued', %(now)s)

-- crm_run_add_manual --
-- Not while one waits or runs.
INSERT INTO crm_sync_runs (id, platform, operation, mode, trigger, filters, status, created_at)
SELECT %(id)s, %(platform)s, %(operation)s, %(mode)s, %(trigger)s, %(filters)s, 'queued', %(now)s
WHERE NOT EXISTS (
    SELECT FROM crm_sync_runs
    WHERE platform = %(platform)s AND status IN ('queued', 'running') AND trigger IN ('manual', 'schedule')
      AND coalesce(heartbeat_at, created_at) > %(stale)s
)

-- crm_run_lock_platform --
SELECT pg_advisory_xact_lock(hashtext('crm_sync_runs/' || %(platform)s))

-- crm_run_get --
SELECT * FROM crm_sync_runs WHERE id = %(id)s

-- crm_run_start --
-- Others that run lost their worker: only one runs at a time, and that is this.
WITH startable AS (
    SELECT FROM crm_sync_runs WHERE id = %(id)s AND status IN ('queued', 'running', 'interrupted')
), interrupted AS (
    UPDATE crm_sync_runs
    SET status = 'interrupted', completed_at = %(now)s,
        duration_seconds = extract(epoch FROM coalesce(heartbeat_at, started_at) - started_at)
    WHERE platform = %(platform)s AND status = 'running' AND id <> %(id)s AND EXISTS (SELECT FROM startable)
)
UPDATE crm_sync_runs SET status = 'running', started_at = coalesce(started_at, %(now)s), heartbeat_at = %(now)s
WHERE id = %(id)s AND EXISTS (SELECT FROM startable)

-- crm_run_progress --
UPDATE crm_sync_runs
SET phase = %(phase)s, total = %(total)s, heartbeat_at = %(now)s,
    contacts_processed = contacts_processed + %(processed)s,
    contacts_created = contacts_created + %(created)s,
    contacts_updated = contacts_updated + %(updated)s,
    contacts_failed = contacts_failed + %(failed)s
WHERE id = %(id)s

-- crm_run_end --
UPDATE crm_sync_runs
SET status = %(status)s, errors = %(errors)s, completed_at = %(now)s, heartbeat_at = %(now)s,
    duration_seconds = extract(epoch FROM %(now)s::timestamptz - coalesce(started_at, %(now)s::timestamptz))
WHERE id = %(id)s AND status IN ('queued', 'running')

-- crm_runs_orphans --
SELECT id FROM crm_sync_runs
WHERE (status IN ('queued', 'running') AND coalesce(heartbeat_at, created_at) < %(stale)s)
   OR (status = 'interrupted' AND trigger IN ('manual', 'schedule') AND NOT EXISTS (
       SELECT FROM crm_sync_runs AS later
       WHERE later.platform = crm_sync_runs.platform AND later.created_at > crm_sync_runs.created_at
         AND later.trigger IN ('manual', 'schedule')
   ))
ORDER BY created_at

-- crm_runs_list --
-- plan: each time
SELECT * FROM crm_sync_runs
WHERE true
    AND platform = %(platform)s -- if platform
    AND status = %(status)s -- if status
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s
OFFSET %(offset)s -- if offset

-- crm_runs_latest --
SELECT run.* FROM unnest(%(platforms)s::text[]) AS wanted,
    LATERAL (
        SELECT * FROM crm_sync_runs WHERE platform = wanted AND trigger <> 'change'
        ORDER BY created_at DESC, id DESC LIMIT 1
    ) AS run

-- crm_runs_last_success --
SELECT wanted AS platform, completed_at FROM unnest(%(platforms)s::text[]) AS wanted,
    LATERAL (
        SELECT completed_at FROM crm_sync_runs
        WHERE platform = wanted AND status = 'completed' AND completed_at IS NOT NULL
        ORDER BY completed_at DESC LIMIT 1
    ) AS run

-- crm_runs_metrics --
SELECT
    platform,
    count(*) AS total_syncs,
    count(*) FILTER (WHERE status = 'completed') AS successful_syncs,
    count(*) FILTER (WHERE status = 'failed') AS failed_syncs,
    coalesce(sum(contacts_processed), 0) AS contacts_processed,
    coalesce(sum(contacts_created), 0) AS contacts_created,
    coalesce(sum(contacts_updated), 0) AS contacts_updated,
    coalesce(sum(contacts_failed), 0) AS contacts_failed,
    avg(duration_seconds) AS avg_duration_seconds
FROM crm_sync_runs
WHERE created_at >= %(since)s AND status NOT IN ('queued', 'running')
    AND platform = %(platform)s -- if platform
GROUP BY platform
ORDER BY platform

-- crm_runs_forget --
DELETE FROM crm_sync_runs
WHERE created_at < %(before)s OR (trigger = 'change' AND contacts_processed = 0 AND completed_at < %(idle_before)s)
