-- Times are the database's own: the clocks of processes may differ.

-- presence_beat --
-- In one order for everybody: two processes may hold the same conversation while one takes it over from the other.
INSERT INTO conversation_presence (conversation_id, seen_at)
SELECT id, clock_timestamp() FROM unnest(%(ids)s::text[]) AS id ORDER BY id
ON CONFLICT (conversation_id) DO UPDATE SET seen_at = excluded.seen_at

-- presence_sweep --
-- A conversation that is resumed at this very moment has a fresh updated_at, which is looked at again under its lock.
-- What was under way in one that is dropped stays unfinished. Returns how many are dropped.
WITH dropped AS (
    UPDATE conversations
    SET status = 'dropped', updated_at = now(), ended_at = greatest(
        conversations.updated_at,
        (SELECT max(updated_at) FROM conversation_items WHERE conversation_id = conversations.id),
        (SELECT seen_at FROM conversation_presence WHERE conversation_id = conversations.id)
    )
    WHERE status = 'open'
      AND updated_at < clock_timestamp() - %(silence_s)s * interval '1 second'
      AND NOT EXISTS (
          SELECT FROM conversation_presence AS presence
          WHERE presence.conversation_id = conversations.id
            AND presence.seen_at >= clock_timestamp() - %(silence_s)s * interval '1 second'
      )
    RETURNING id
), unfinished AS (
    UPDATE conversation_items SET status = 'incomplete', updated_at = now()
    FROM dropped WHERE conversation_id = dropped.id AND conversation_items.status = 'in_progress'
)
SELECT count(*) FROM dropped

-- presence_forget --
DELETE FROM conversation_presence WHERE seen_at < clock_timestamp() - %(silence_s)s * interval '1 second'
