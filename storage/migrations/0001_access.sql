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

-- For one browser, for minutes. ``lead_id``, ``calls_from``: who will talk with it, where whoever minted it knows: a
-- lead, or the number or address they call from. ``agent``: who is to talk, a profile's slug; NULL: whoever the default
-- says. ``conversations_left``: how many it still begins; what continues one is not counted.
CREATE TABLE client_secrets (
    hash bytea PRIMARY KEY,
    session jsonb NOT NULL,
    expires_at timestamptz NOT NULL,
    api_key_id text REFERENCES api_keys (id) ON DELETE CASCADE,
    lead_id uuid,
    calls_from text,
    agent text,
    conversations_left integer NOT NULL DEFAULT 10 CHECK (conversations_left >= 0),
    created_at timestamptz NOT NULL
);
CREATE INDEX client_secrets_by_expiry ON client_secrets (expires_at);
CREATE INDEX client_secrets_by_caller ON client_secrets (calls_from) WHERE calls_from IS NOT NULL;
-- Whoever deletes a key looks for what belongs to it.
CREATE INDEX client_secrets_by_api_key ON client_secrets (api_key_id) WHERE api_key_id IS NOT NULL;

-- Which encryption keys made what is sealed and hashed here: by fingerprints, from which no key follows.
CREATE TABLE encryption_keys (
    fingerprint bytea PRIMARY KEY,
    noted_at timestamptz NOT NULL DEFAULT now()
);
