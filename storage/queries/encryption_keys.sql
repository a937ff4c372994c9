-- note_encryption_keys --
-- The first ones are taken as they are; later ones beside one that is known. Whether they are known.
WITH known AS (
    SELECT count(*) = 0 OR bool_or(fingerprint = ANY(%(fingerprints)s::bytea[])) AS ours
    FROM encryption_keys
), noted AS (
    INSERT INTO encryption_keys (fingerprint)
    SELECT unnest(%(fingerprints)s::bytea[])
    FROM known
    WHERE ours
    ON CONFLICT DO NOTHING
)
SELECT ours FROM known
