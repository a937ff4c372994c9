-- What enrichment sources answered, so that nobody pays for it twice. The key is a hash of who was asked for; data is null
-- where a source knows nobody, which is kept for a shorter time.
CREATE TABLE enrichment_cache (
    source text NOT NULL,
    key text NOT NULL,
    data jsonb,
    fetched_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (source, key)
);

CREATE INDEX enrichment_cache_by_expiry ON enrichment_cache (expires_at);
