-- crm_backlogs --
-- The lease goes by the database's clock alone.
SELECT
    platform, waiting_in, waiting_out, least(inbox.due_at, outbox.due_at) AS due_at, dead_letters, open_conflicts,
    EXISTS (
        SELECT FROM crm_sync_state AS state WHERE state.platform = wanted.platform AND lease_until > clock_timestamp()
    ) AS at_work
FROM unnest(%(platforms)s::text[]) AS wanted (platform),
    LATERAL (
        SELECT count(*) AS waiting_in, min(due_at) AS due_at FROM crm_inbox WHERE crm_inbox.platform = wanted.platform
    ) AS inbox,
    LATERAL (
        SELECT count(*) AS waiting_out, min(due_at) AS due_at
        FROM crm_outbox WHERE crm_outbox.platform = wanted.platform AND state = 'pending'
    ) AS outbox,
    LATERAL (
        SELECT count(*) AS dead_letters
        FROM crm_dead_letters AS letter WHERE letter.platform = wanted.platform AND letter.state = 'dead'
    ) AS letters,
    LATERAL (
        SELECT count(*) AS open_conflicts
        FROM crm_conflicts AS conflict WHERE conflict.platform = wanted.platform AND conflict.state = 'open'
    ) AS conflicts
