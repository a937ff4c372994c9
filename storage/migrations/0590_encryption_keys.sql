-- Which encryption keys made what is sealed and hashed here: by fingerprints, from which no key follows.
CREATE TABLE encryption_keys (
    fingerprint bytea PRIMARY KEY,
    noted_at timestamptz NOT NULL DEFAULT now()
);
