-- select_enrichment --
SELECT data, fetched_at FROM enrichment_cache
WHERE source = %(source)s AND key = %(key)s AND expires_at > %(now)s

-- upsert_enrichment --
INSERT INTO enrichment_cache (source, key, data, fetched_at, expires_at)
VALUES (%(source)s, %(key)s, %(data)s, %(fetched_at)s, %(expires_at)s)
ON CONFLICT (source, key) DO UPDATE
SET data = excluded.data, fetched_at = excluded.fetched_at, expires_at = excluded.expires_at

-- purge_enrichments --
DELETE FROM enrichment_cache WHERE expires_at <= %(now)s
