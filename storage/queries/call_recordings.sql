-- recording_began --
INSERT INTO call_recordings (id, conversation_id, state, started_at, created_at, updated_at)
VALUES (%(id)s, %(conversation_id)s, 'recording', %(started_at)s, %(now)s, %(now)s)
ON CONFLICT (id) DO NOTHING

-- recording_moves --
UPDATE call_recordings
SET state = %(state)s, error_code = %(code)s, updated_at = %(now)s
WHERE id = %(id)s AND state IN ('recording', 'processing')

-- recording_ready --
-- Of one whose beginning was not entered, too. Nothing is returned when it was deleted meanwhile, or refused.
INSERT INTO call_recordings AS recording (
    id, conversation_id, state, key, started_at, offset_ms, duration_ms, bytes, created_at, updated_at
)
SELECT
    %(id)s, %(conversation_id)s, 'ready', %(key)s, %(started_at)s, %(offset_ms)s, %(duration_ms)s, %(bytes)s,
    %(now)s, %(now)s
WHERE NOT EXISTS (SELECT FROM call_recordings WHERE conversation_id = %(conversation_id)s AND refused)
ON CONFLICT (id) DO UPDATE
SET state = 'ready', key = excluded.key, offset_ms = excluded.offset_ms, duration_ms = excluded.duration_ms,
    bytes = excluded.bytes, error_code = NULL, updated_at = excluded.updated_at
WHERE recording.state IN ('recording', 'processing', 'failed')
RETURNING id

-- recordings_of_conversation --
SELECT id, conversation_id, state, error_code, refused, key, started_at, offset_ms, duration_ms, bytes
FROM call_recordings
WHERE conversation_id = %(conversation_id)s
ORDER BY started_at, id

-- is_refused --
SELECT EXISTS (SELECT FROM call_recordings WHERE conversation_id = %(conversation_id)s AND refused)

-- said_by_caller --
SELECT heard_text FROM conversation_items WHERE conversation_id = %(conversation_id)s AND role = 'user'

-- refuse_recordings --
-- Every part of the conversation, and whatever would follow.
INSERT INTO call_recordings AS recording (
    id, conversation_id, state, refused, started_at, created_at, updated_at, deleted_at
) VALUES (%(id)s, %(conversation_id)s, 'deleted', true, %(now)s, %(now)s, %(now)s, %(now)s)
ON CONFLICT (id) DO UPDATE SET refused = true, state = 'deleted', deleted_at = %(now)s, updated_at = %(now)s

-- recordings_deleted --
UPDATE call_recordings
SET state = 'deleted', deleted_at = %(now)s, updated_at = %(now)s
WHERE id = ANY(%(ids)s) AND deleted_at IS NULL

-- recordings_lost --
UPDATE call_recordings SET state = 'failed', error_code = 'lost', updated_at = %(now)s
WHERE deleted_at IS NULL AND state IN ('recording', 'processing') AND updated_at < %(before)s

-- recordings_too_old --
SELECT id, conversation_id, state, error_code, refused, key, started_at, offset_ms, duration_ms, bytes
FROM call_recordings
WHERE deleted_at IS NULL AND started_at < %(before)s AND state <> 'recording'
ORDER BY started_at
LIMIT %(rows)s
