-- crm_dead_letter_add --
INSERT INTO crm_dead_letters (key, platform, reason, payload, attempts, created_at)
VALUES (%(key)s, %(platform)s, %(reason)s, %(payload)s, %(attempts)s, %(now)s)
ON CONFLICT (key) DO NOTHING

-- crm_dead_letter_get --
SELECT * FROM crm_dead_letters WHERE key = %(key)s

-- crm_dead_letter_settle --
UPDATE crm_dead_letters SET state = %(state)s, settled_at = %(now)s WHERE key = %(key)s AND state = 'dead'

-- crm_dead_letters_list --
-- plan: each time
SELECT * FROM crm_dead_letters
WHERE true
    AND platform = %(platform)s -- if platform
    AND state = %(state)s -- if state
    AND (created_at, key) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, key DESC
LIMIT %(rows)s
