-- operator_act_add --
-- Of a conversation whose words are gone nothing more is kept. Its row is written behind, and may not be there yet.
INSERT INTO operator_acts (id, conversation_id, kind, key_id, key_name, name, text, created_at)
SELECT %(id)s, id, %(kind)s, %(key_id)s, %(key_name)s, %(name)s, %(text)s, %(created_at)s
FROM conversations WHERE id = %(conversation_id)s AND words_gone_at IS NULL

-- operator_act_remove --
DELETE FROM operator_acts WHERE id = %(id)s

-- operator_acts_of --
SELECT id, kind, key_id, key_name, name, text, created_at FROM operator_acts
WHERE conversation_id = %(conversation_id)s
ORDER BY created_at, id
