-- crm_credential_get --
SELECT platform, account, api_key, access_token, refresh_token, expires_at, scopes, is_active, version
FROM crm_credentials
WHERE platform = %(platform)s AND account = %(account)s;

-- crm_credential_list --
SELECT platform, account, api_key, access_token, refresh_token, expires_at, scopes, is_active, version
FROM crm_credentials
ORDER BY platform, account;

-- crm_credential_put --
INSERT INTO crm_credentials (platform, account, api_key, access_token, refresh_token, expires_at, scopes, is_active)
VALUES (
    %(platform)s, %(account)s, %(api_key)s, %(access_token)s, %(refresh_token)s, %(expires_at)s, %(scopes)s,
    %(is_active)s
)
ON CONFLICT (platform, account) DO UPDATE SET
    api_key = excluded.api_key,
    access_token = excluded.access_token,
    refresh_token = excluded.refresh_token,
    expires_at = excluded.expires_at,
    scopes = excluded.scopes,
    is_active = excluded.is_active,
    version = crm_credentials.version + 1,
    updated_at = now()
RETURNING platform, account, api_key, access_token, refresh_token, expires_at, scopes, is_active, version;

-- crm_credential_replace_secrets --
-- Only if nobody changed the row since it was read; the version stays, since the secrets are the same ones.
UPDATE crm_credentials
SET api_key = %(api_key)s, access_token = %(access_token)s, refresh_token = %(refresh_token)s
WHERE platform = %(platform)s AND account = %(account)s AND version = %(version)s;

-- crm_credential_deactivate --
UPDATE crm_credentials
SET is_active = false, version = version + 1, updated_at = now()
WHERE platform = %(platform)s AND account = %(account)s;

-- crm_credential_delete --
DELETE FROM crm_credentials WHERE platform = %(platform)s AND account = %(account)s;

-- crm_credential_lock --
-- Held until the end of the transaction. 5272 keeps clear of the numbers other locks use.
SELECT pg_advisory_xact_lock(5272, hashtext(%(name)s));
