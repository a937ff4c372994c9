-- Who may come in. Plain keys and secrets are never stored, only their SHA-256: the product's own are made of 256
-- random bits, so there is nothing to guess and no slow hash is needed.

CREATE TABLE api_keys (
    id text PRIMARY KEY,
    name text NOT NULL,
    prefix text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_keys_by_time ON api_keys (created_at DESC, id DESC);

CREATE TABLE client_secrets (
    hash bytea PRIMARY KEY,
    session jsonb NOT NULL,
    expires_at timestamptz NOT NULL,
    api_key_id text REFERENCES api_keys (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL
);
CREATE INDEX client_secrets_by_expiry ON client_secrets (expires_at);
