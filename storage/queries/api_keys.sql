-- insert_api_key --
-- Nothing is returned when the same key is there already.
INSERT INTO api_keys (id, name, prefix, hash, scopes, created_at)
VALUES (%(id)s, %(name)s, %(prefix)s, %(hash)s, %(scopes)s, %(created_at)s)
ON CONFLICT (hash) DO NOTHING

-- select_api_key --
SELECT id, name, prefix, scopes, created_at, last_used_at, revoked_at, hash
FROM api_keys
WHERE hash = %(hash)s

-- use_api_key --
-- The use is noted once a minute at most: every process asks again each time its cached answer expires.
WITH used AS (
    UPDATE api_keys
    SET last_used_at = %(now)s
    WHERE hash = %(hash)s
        AND revoked_at IS NULL
        AND (last_used_at IS NULL OR last_used_at < %(now)s::timestamptz - interval '1 minute')
)
SELECT id, name, prefix, scopes, created_at, last_used_at, revoked_at, hash
FROM api_keys
WHERE hash = %(hash)s

-- list_api_keys --
-- plan: each time
SELECT id, name, prefix, scopes, created_at, last_used_at, revoked_at
FROM api_keys
WHERE true
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- revoke_api_key --
UPDATE api_keys
SET revoked_at = %(now)s
WHERE id = %(id)s AND revoked_at IS NULL
