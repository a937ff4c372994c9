-- Keys and tokens of other systems. The three secrets are encrypted before they come here (Fernet tokens); nothing in
-- this table opens anything without ENCRYPTION_KEY.

CREATE TABLE crm_credentials (
    platform text NOT NULL,
    account text NOT NULL DEFAULT 'default',
    api_key bytea,
    access_token bytea,
    refresh_token bytea,
    expires_at timestamptz,
    scopes text[] NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (platform, account)
);
