-- claim_run --
-- Nothing is touched while somebody else's run of the thread lives. All times but started_at are the database's own.
INSERT INTO agent_runs (thread_id, execution_id, agent, lead_id, conversation_id, holder, started_at, expires_at)
VALUES (
    %(thread_id)s, %(execution_id)s, %(agent)s, %(lead_id)s, %(conversation_id)s, %(holder)s, %(started_at)s,
    clock_timestamp() + %(lease_s)s * interval '1 second'
)
ON CONFLICT (thread_id) DO NOTHING

-- renew_runs --
UPDATE agent_runs SET expires_at = clock_timestamp() + %(lease_s)s * interval '1 second'
WHERE holder = %(holder)s
RETURNING thread_id, cancel_wanted

-- want_cancelled --
UPDATE agent_runs SET cancel_wanted = true
WHERE thread_id = %(thread_id)s AND expires_at >= clock_timestamp()

-- release_run --
DELETE FROM agent_runs WHERE thread_id = %(thread_id)s AND execution_id = %(execution_id)s

-- take_expired --
DELETE FROM agent_runs
WHERE expires_at < clock_timestamp()
  AND thread_id = %(thread_id)s -- if thread_id
RETURNING thread_id, execution_id, agent, lead_id, conversation_id, holder, started_at

-- run_of_thread --
SELECT thread_id, execution_id, agent, lead_id, conversation_id, holder, started_at
FROM agent_runs WHERE thread_id = %(thread_id)s AND expires_at >= clock_timestamp()
