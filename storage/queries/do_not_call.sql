-- do_not_call_add --
-- A number that is there keeps its reason.
INSERT INTO do_not_call (number, reason, source, created_at)
SELECT given.number, %(reason)s, %(source)s, %(now)s FROM unnest(%(numbers)s::text[]) AS given (number)
ON CONFLICT (number) DO NOTHING

-- do_not_call_get --
SELECT number, reason, source, lead_id, conversation_id, created_at FROM do_not_call WHERE number = %(number)s

-- do_not_call_remove --
DELETE FROM do_not_call WHERE number = %(number)s

-- do_not_call_list --
-- plan: each time
SELECT do_not_call.number, do_not_call.reason, do_not_call.source, do_not_call.lead_id, do_not_call.conversation_id,
    do_not_call.created_at, leads.company_name, leads.contact_name
FROM do_not_call LEFT JOIN leads ON leads.id = do_not_call.lead_id
WHERE true
    AND do_not_call.source = %(source)s -- if source
    AND (do_not_call.created_at, do_not_call.number) < (%(before_at)s, %(before_number)s) -- if before_number
ORDER BY do_not_call.created_at DESC, do_not_call.number DESC
LIMIT %(rows)s

-- do_not_call_opt_out --
-- By a trigger all numbers of the lead are on the list then. Two leads may have become one during the conversation: its
-- row tells which.
UPDATE leads SET opted_out_at = %(now)s::timestamptz, updated_at = %(now)s::timestamptz
WHERE id = coalesce((SELECT lead_id FROM conversations WHERE id = %(conversation_id)s), %(lead_id)s)
    AND opted_out_at IS NULL

-- do_not_call_conversation --
-- The number that was called, or called from, in a conversation whose other side wants no more calls. What a lead's
-- opt-out put on the list just before, by its trigger, was said in this conversation too.
WITH lead AS (
    SELECT id FROM leads
    WHERE id = coalesce((SELECT lead_id FROM conversations WHERE id = %(conversation_id)s), %(lead_id)s)
),
told AS (
    UPDATE do_not_call SET conversation_id = %(conversation_id)s
    WHERE lead_id = (SELECT id FROM lead) AND source = 'opt_out' AND created_at = %(now)s AND conversation_id IS NULL
)
INSERT INTO do_not_call (number, reason, source, lead_id, conversation_id, created_at)
SELECT numbers.number, 'Asked not to be called again.', 'opt_out', (SELECT id FROM lead), %(conversation_id)s, %(now)s
FROM (
    SELECT number FROM outbound_calls WHERE conversation_id = %(conversation_id)s
    UNION
    SELECT metadata ->> 'calls_from' FROM conversations
    WHERE id = %(conversation_id)s AND metadata ->> 'direction' IS DISTINCT FROM 'outbound'
) AS numbers
WHERE numbers.number ~ '^\+[1-9][0-9]{6,14}$'
ON CONFLICT (number) DO NOTHING
