-- insert_client_secret --
INSERT INTO client_secrets (hash, session, expires_at, api_key_id, lead_id, calls_from, agent, conversations_left, created_at)
VALUES (
    %(hash)s, %(session)s, %(expires_at)s, %(api_key_id)s, %(lead_id)s, %(calls_from)s, %(agent)s, %(conversations)s,
    %(created_at)s
)

-- begin_with_client_secret --
UPDATE client_secrets SET conversations_left = conversations_left - 1 WHERE hash = %(hash)s AND conversations_left > 0

-- client_secret_begins --
SELECT conversations_left > 0 FROM client_secrets WHERE hash = %(hash)s

-- select_client_secret --
-- A secret dies with the key that minted it.
SELECT secrets.session, secrets.expires_at, secrets.api_key_id, secrets.lead_id, secrets.calls_from, secrets.agent
FROM client_secrets AS secrets
LEFT JOIN api_keys AS keys ON keys.id = secrets.api_key_id
WHERE secrets.hash = %(hash)s
    AND secrets.expires_at > %(now)s
    AND keys.revoked_at IS NULL

-- purge_client_secrets --
DELETE FROM client_secrets WHERE expires_at <= %(now)s
