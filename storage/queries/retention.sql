-- retention_too_old --
-- plan: each time
-- Whose words have been kept for long enough, the oldest first, by the index conversations_with_words.
SELECT id FROM conversations
WHERE words_gone_at IS NULL AND ended_at IS NOT NULL AND ended_at < %(before)s
ORDER BY ended_at
LIMIT %(rows)s

-- retention_drop_words --
-- One that was opened again meanwhile stays. Turns, times, costs and whose it was stay, too.
WITH old AS (
    UPDATE conversations SET words_gone_at = now(), session = '{}'
    WHERE id = ANY(%(ids)s::text[]) AND words_gone_at IS NULL AND ended_at < %(before)s
    RETURNING id
),
acts AS (UPDATE operator_acts SET text = NULL WHERE conversation_id IN (SELECT id FROM old) AND text IS NOT NULL),
items AS (DELETE FROM conversation_items WHERE conversation_id IN (SELECT id FROM old))
SELECT count(*) FROM old
