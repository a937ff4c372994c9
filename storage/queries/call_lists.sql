-- insert_call_list --
INSERT INTO call_lists (
    id, name, purpose, agent, audience, status, hours, per_hour, at_once, attempts, retry_after_minutes, created_at,
    updated_at
) VALUES (
    %(id)s, %(name)s, %(purpose)s, %(agent)s, %(audience)s, 'draft', %(hours)s, %(per_hour)s, %(at_once)s, %(attempts)s,
    %(retry_after_minutes)s, %(now)s, %(now)s
)

-- select_call_list --
SELECT id, name, purpose, agent, audience, status, reason, hours, per_hour, at_once, attempts, retry_after_minutes,
    hold_until, archived_at, created_at, updated_at
FROM call_lists WHERE id = %(id)s

-- list_call_lists --
-- plan: each time
SELECT id, name, purpose, agent, audience, status, reason, hours, per_hour, at_once, attempts, retry_after_minutes,
    hold_until, archived_at, created_at, updated_at
FROM call_lists
WHERE (archived_at IS NOT NULL) = %(archived)s
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- count_entries --
-- From an index alone.
SELECT list_id, status, result, reason, count(*) AS entries
FROM call_list_entries
WHERE list_id = ANY(%(ids)s::uuid[])
GROUP BY list_id, status, result, reason

-- next_of_lists --
SELECT given.id AS list_id, (
    SELECT min(call_after) FROM call_list_entries WHERE list_id = given.id AND status = 'waiting'
) AS next_at
FROM unnest(%(ids)s::uuid[]) AS given (id)

-- lock_call_list --
SELECT status FROM call_lists WHERE id = %(id)s FOR NO KEY UPDATE

-- set_call_list_status --
-- ``started_by`` and ``base_url`` stay where nothing is given.
UPDATE call_lists
SET status = %(status)s, reason = %(reason)s, hold_until = NULL,
    started_by = coalesce(%(started_by)s, started_by), base_url = coalesce(%(base_url)s, base_url), updated_at = %(now)s
WHERE id = %(id)s

-- archive_call_list --
UPDATE call_lists SET archived_at = %(archived_at)s WHERE id = %(id)s

-- change_call_list --
UPDATE call_lists
SET name = %(name)s, purpose = %(purpose)s, agent = %(agent)s, hours = %(hours)s, per_hour = %(per_hour)s, at_once = %(at_once)s,
    attempts = %(attempts)s, retry_after_minutes = %(retry_after_minutes)s, updated_at = %(now)s
WHERE id = %(id)s

-- running_call_lists --
-- Those whose last call is longest ago first. A call that is over takes no line, though what came of it is not settled.
SELECT list.id, list.purpose, list.agent, list.hours, list.per_hour, list.at_once, list.attempts, list.retry_after_minutes,
    list.started_by, list.base_url, list.called_at, list.hold_until, (
        SELECT count(*) FROM call_list_entries AS entry
        WHERE entry.list_id = list.id AND entry.status = 'calling' AND NOT EXISTS (
            SELECT FROM outbound_calls AS call
            WHERE call.idempotency_key = 'call-list:' || entry.id || ':' || entry.tries AND call.ended_at IS NOT NULL
        )
    )::int AS under_way,
    list.agent <> 'default' AND NOT EXISTS (SELECT FROM agent_profiles WHERE slug = list.agent) AS is_nobodys
FROM call_lists AS list
WHERE list.status = 'running'
    AND list.id = %(id)s -- if id
ORDER BY list.called_at NULLS FIRST, list.id

-- call_lists_of_ids --
SELECT id, purpose, agent, hours, per_hour, at_once, attempts, retry_after_minutes, started_by, base_url, called_at,
    hold_until, 0 AS under_way, NULL AS is_nobodys
FROM call_lists WHERE id = ANY(%(ids)s::uuid[])

-- call_list_called --
UPDATE call_lists SET called_at = %(now)s WHERE id = %(id)s

-- call_list_hold --
UPDATE call_lists SET hold_until = %(until)s WHERE id = %(id)s

-- touch_call_list --
-- The processes that work through one that runs are told.
UPDATE call_lists SET updated_at = %(now)s WHERE id = %(id)s

-- delete_entries --
-- In the order in which others lock them. Their calls stay, and are nobody's of a list any more.
WITH found AS (
    SELECT id FROM call_list_entries WHERE list_id = %(id)s ORDER BY id FOR UPDATE
)
DELETE FROM call_list_entries AS entry USING found WHERE entry.id = found.id

-- delete_call_list --
DELETE FROM call_lists WHERE id = %(id)s

-- call_list_is_calling --
SELECT EXISTS (SELECT FROM call_list_entries WHERE list_id = %(id)s AND status = 'calling')

-- finish_call_lists --
UPDATE call_lists AS list SET status = 'finished', updated_at = %(now)s
WHERE list.status = 'running' AND NOT EXISTS (
    SELECT FROM call_list_entries AS entry WHERE entry.list_id = list.id AND entry.status IN ('waiting', 'calling')
)

-- list_of_entry_lock --
-- Whoever pauses the list waits until the call has begun, and finds it under way. None: nobody has them in hand.
SELECT list.status
FROM call_list_entries AS entry JOIN call_lists AS list ON list.id = entry.list_id
WHERE entry.id = %(entry_id)s AND entry.status = 'calling'
FOR SHARE OF list
