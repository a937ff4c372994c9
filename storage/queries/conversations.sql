-- insert_conversation --
INSERT INTO conversations (id, channel, status, session, lead_id, metadata, agent, created_at, updated_at, ended_at)
VALUES (
    %(id)s, %(channel)s, %(status)s, %(session)s, %(lead_id)s, %(metadata)s,
    %(agent)s, %(created_at)s, %(updated_at)s, %(ended_at)s
)

-- select_conversation --
SELECT id, channel, status, session, lead_id, metadata, agent, created_at, updated_at, ended_at
FROM conversations
WHERE id = %(id)s

-- list_conversations --
-- plan: each time
-- Newest first. Every mix of filters has an index in this order (migration 0002_conversations). What tells a conversation from the
-- next is looked up for the rows of the page alone, and of its items only the caller's first.
SELECT
    page.*, lead.company_name, lead.contact_name, began.first_words,
    (SELECT count(*) FROM conversation_turns AS turn WHERE turn.conversation_id = page.id) AS turns,
    ARRAY(
        SELECT outcome.kind FROM conversation_outcomes AS outcome WHERE outcome.conversation_id = page.id
        GROUP BY outcome.kind ORDER BY min(outcome.created_at), outcome.kind
    ) AS outcomes
FROM (
    SELECT id, channel, status, lead_id, metadata, agent, created_at, updated_at, ended_at
    FROM conversations
    WHERE true
        AND status = %(status)s -- if status
        AND channel = %(channel)s -- if channel
        AND lead_id = %(lead_id)s -- if lead_id
        AND agent = %(agent)s -- if agent
        AND created_at < %(until)s -- if until
        AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
    ORDER BY created_at DESC, id DESC
    LIMIT %(rows)s
) AS page
LEFT JOIN leads AS lead ON lead.id = page.lead_id
LEFT JOIN LATERAL (
    SELECT left(item.heard_text, %(first_words_chars)s) AS first_words
    FROM conversation_items AS item
    WHERE item.conversation_id = page.id AND item.role = 'user' AND NOT item.deleted AND item.heard_text <> ''
    ORDER BY item.position
    LIMIT 1
) AS began ON true
ORDER BY page.created_at DESC, page.id DESC

-- part: item_columns --
    id, position, type, role, status, channel, modality, content,
    generated_text, synthesised_text, sent_text, heard_text, audio_ms, heard_ms,
    call_id, name, arguments, output, intent, intent_confidence, word_ends, own_tool, said_by, deleted,
    created_at, updated_at

-- select_items --
SELECT
    {item_columns}
FROM conversation_items
WHERE conversation_id = %(conversation_id)s
ORDER BY position, created_at, id

-- select_latest_items --
-- The newest first; the index in their order ends with the page.
SELECT
    {item_columns}
FROM conversation_items
WHERE conversation_id = %(conversation_id)s AND NOT deleted
ORDER BY position DESC, created_at DESC, id DESC
LIMIT %(rows)s

-- select_items_by_id --
SELECT
    {item_columns}
FROM conversation_items
WHERE conversation_id = %(conversation_id)s AND id = ANY(%(ids)s::text[]) AND NOT deleted

-- select_first_position --
SELECT min(position) FROM conversation_items WHERE conversation_id = %(conversation_id)s AND NOT deleted

-- select_turns --
SELECT item_id, response_latency_ms, timings, created_at
FROM conversation_turns
WHERE conversation_id = %(conversation_id)s
ORDER BY created_at, item_id

-- reopen_conversation --
UPDATE conversations
SET status = 'open', ended_at = NULL, updated_at = %(now)s
WHERE id = %(id)s AND words_gone_at IS NULL
RETURNING id, channel, status, session, lead_id, metadata, agent, created_at, updated_at, ended_at

-- end_unfinished_items --
-- What was under way when the last connection was lost. What was recorded as heard stands. It is among the newest:
-- the others need not be looked at.
UPDATE conversation_items
SET status = 'incomplete', updated_at = %(now)s
WHERE conversation_id = %(id)s AND status = 'in_progress' AND NOT deleted AND position >= coalesce((
    SELECT position FROM conversation_items
    WHERE conversation_id = %(id)s AND NOT deleted
    ORDER BY position DESC OFFSET 400 LIMIT 1
), '-infinity')

-- end_conversation --
UPDATE conversations
SET status = %(status)s, ended_at = %(now)s, updated_at = %(now)s
WHERE id = %(id)s
