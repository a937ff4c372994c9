-- insert_outcome --
-- Nothing is returned when the same call was recorded before.
INSERT INTO conversation_outcomes (idempotency_key, conversation_id, kind, data, created_at)
VALUES (%(idempotency_key)s, %(conversation_id)s, %(kind)s, %(data)s, %(created_at)s)
ON CONFLICT (idempotency_key) DO NOTHING

-- select_outcomes --
SELECT idempotency_key, conversation_id, kind, data, created_at
FROM conversation_outcomes
WHERE conversation_id = %(conversation_id)s
ORDER BY created_at, idempotency_key

-- outcome_lock_conversation --
-- Held until the end of the transaction. 5273 keeps clear of the numbers other locks use.
SELECT pg_advisory_xact_lock(5273, hashtext(%(conversation_id)s))

-- outcome_set_lead --
UPDATE conversation_outcomes SET lead_id = %(lead_id)s WHERE idempotency_key = %(idempotency_key)s

-- lead_of_conversation --
SELECT coalesce(
    (SELECT lead_id FROM conversations WHERE id = %(conversation_id)s),
    (
        SELECT lead_id FROM conversation_outcomes
        WHERE conversation_id = %(conversation_id)s AND lead_id IS NOT NULL
        ORDER BY created_at DESC LIMIT 1
    )
)

-- conversation_set_lead --
-- updated_at stays: it orders what the conversation's own process writes.
UPDATE conversations SET lead_id = %(lead_id)s
WHERE id = %(conversation_id)s AND lead_id IS DISTINCT FROM %(lead_id)s

-- conversation_give_to_lead --
SELECT give_to_leads(ARRAY[%(conversation_id)s])

-- leads_merge --
SELECT merge_leads(%(gone)s, %(kept)s)

-- outcome_lead --
SELECT lead_id FROM conversation_outcomes WHERE idempotency_key = %(idempotency_key)s

-- questions_of_conversation --
-- As the profile has them that talks. The conversation's row is written behind and may not be there yet: then whichever
-- profile asks for that, the default one before others.
SELECT DISTINCT ON (asked.key) asked.key, asked.question
FROM agent_profiles AS profile
CROSS JOIN jsonb_to_recordset(profile.facts -> 'questions') AS asked (key text, question text)
WHERE asked.key = ANY(%(keys)s::text[])
    AND profile.slug = coalesce((SELECT agent FROM conversations WHERE id = %(conversation_id)s), profile.slug)
ORDER BY asked.key, profile.slug = 'default' DESC, profile.slug
