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
