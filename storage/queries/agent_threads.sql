-- Threads as LangGraph's saver keeps them: checkpoints, checkpoint_blobs, checkpoint_writes. The ids of checkpoints are
-- UUIDs of version 6, which stand in the order of their times.

-- threads_are_kept --
SELECT to_regclass('checkpoints') IS NOT NULL AND to_regclass('checkpoint_writes') IS NOT NULL

-- threads_lock --
-- One process at a time looks for what is unused. 5275 keeps clear of the numbers other locks use.
SELECT pg_try_advisory_xact_lock(5275, 0)

-- threads_from --
-- plan: each time
SELECT thread_id, max(checkpoint_id) < %(oldest_id)s AS is_unused FROM checkpoints
WHERE true
    AND thread_id > %(after)s -- if after
GROUP BY thread_id
ORDER BY thread_id
LIMIT %(rows)s

-- threads_claim --
-- As a run would: until this transaction ends, whoever wants to run one of them waits, and then finds none. Those that
-- are being run are left out.
INSERT INTO agent_runs (thread_id, execution_id, agent, holder, started_at, expires_at)
SELECT thread_id, 'expiry', 'expiry', 'expiry', clock_timestamp(), clock_timestamp()
FROM unnest(%(thread_ids)s::text[]) AS thread_id
ORDER BY thread_id
ON CONFLICT (thread_id) DO NOTHING
RETURNING thread_id

-- threads_drop --
-- Those that are still unused, now that nobody can change them.
WITH unused AS (
    SELECT thread_id FROM checkpoints WHERE thread_id = ANY(%(thread_ids)s::text[])
    GROUP BY thread_id
    HAVING max(checkpoint_id) < %(oldest_id)s
),
writes AS (DELETE FROM checkpoint_writes WHERE thread_id IN (SELECT thread_id FROM unused)),
blobs AS (DELETE FROM checkpoint_blobs WHERE thread_id IN (SELECT thread_id FROM unused)),
steps AS (DELETE FROM checkpoints WHERE thread_id IN (SELECT thread_id FROM unused)),
people AS (
    UPDATE workflow_state SET emails = '{}', phones = '{}'
    WHERE thread_id IN (SELECT thread_id FROM unused) AND (emails <> '{}' OR phones <> '{}')
)
SELECT count(*) FROM unused

-- threads_unclaim --
DELETE FROM agent_runs WHERE execution_id = 'expiry' AND thread_id = ANY(%(thread_ids)s::text[])

-- threads_waiting --
SELECT state.thread_id, state.current_agent AS agent, state.updated_at AS since, state.lead_id, leads.company_name,
    leads.contact_name
FROM workflow_state AS state LEFT JOIN leads ON leads.id = state.lead_id
WHERE state.status = 'pending' AND state.updated_at >= %(since)s
ORDER BY state.updated_at DESC, state.thread_id DESC
LIMIT %(rows)s
