-- webhook_endpoint_insert --
-- Nothing is returned when there are as many as there may be.
INSERT INTO webhook_endpoints (
    id, url, description, events, include_words, enabled, disabled_reason, secret, created_at, updated_at
)
SELECT
    %(id)s, %(url)s, %(description)s, %(events)s::text[], %(include_words)s, %(enabled)s,
    CASE WHEN NOT %(enabled)s THEN 'person' END, %(secret)s, %(now)s, %(now)s
WHERE (SELECT count(*) FROM webhook_endpoints) < %(most)s

-- webhook_endpoint_get --
SELECT * FROM webhook_endpoints WHERE id = %(id)s

-- webhook_endpoints_all --
SELECT * FROM webhook_endpoints ORDER BY created_at DESC, id DESC

-- webhook_endpoint_lock --
SELECT * FROM webhook_endpoints WHERE id = %(id)s FOR NO KEY UPDATE

-- webhook_endpoint_change --
-- One that is enabled begins with a clean record.
UPDATE webhook_endpoints SET
    url = coalesce(%(url)s, url),
    description = coalesce(%(description)s, description),
    events = coalesce(%(events)s::text[], events),
    include_words = coalesce(%(include_words)s, include_words),
    enabled = coalesce(%(enabled)s, enabled),
    disabled_reason = CASE %(enabled)s WHEN true THEN NULL WHEN false THEN 'person' ELSE disabled_reason END,
    failing_since = CASE WHEN %(enabled)s OR %(url)s IS NOT NULL THEN NULL ELSE failing_since END,
    hold_until = CASE WHEN %(enabled)s OR %(url)s IS NOT NULL THEN '-infinity' ELSE hold_until END,
    updated_at = %(now)s
WHERE id = %(id)s

-- webhook_endpoint_delete --
DELETE FROM webhook_endpoints WHERE id = %(id)s

-- webhook_endpoint_secrets --
UPDATE webhook_endpoints
SET secret = %(secret)s, old_secret = %(old_secret)s, old_secret_until = %(old_secret_until)s, updated_at = %(now)s
WHERE id = %(id)s

-- webhook_endpoint_reseal --
-- The same secrets, encrypted anew; not when they were replaced meanwhile.
UPDATE webhook_endpoints SET secret = %(secret)s, old_secret = %(old_secret)s
WHERE id = %(id)s AND updated_at = %(updated_at)s

-- webhook_endpoint_answered --
UPDATE webhook_endpoints SET failing_since = NULL, hold_until = '-infinity'
WHERE id = %(id)s AND (failing_since IS NOT NULL OR hold_until > now())

-- webhook_endpoint_failed --
-- Returns since when it fails.
UPDATE webhook_endpoints SET
    failing_since = coalesce(failing_since, now()),
    hold_until = greatest(hold_until, now() + %(hold_s)s * interval '1 second')
WHERE id = %(id)s
RETURNING failing_since, now() AS now

-- webhook_endpoint_disable --
UPDATE webhook_endpoints SET enabled = false, disabled_reason = %(reason)s, updated_at = now()
WHERE id = %(id)s AND enabled

-- webhook_endpoints_disable_full --
-- Those for which more waits than may; returns them. At most so many are looked at.
UPDATE webhook_endpoints AS endpoint SET enabled = false, disabled_reason = 'queue_full', updated_at = now()
WHERE enabled AND (
    SELECT count(*) FROM (
        SELECT FROM webhook_deliveries WHERE endpoint_id = endpoint.id AND status = 'waiting' LIMIT %(most)s + 1
    ) AS waiting
) > %(most)s
RETURNING id

-- webhook_endpoints_waiting --
-- Of each as many as are counted at most: a receiver that is away for days is no reason to read a hundred thousand rows.
SELECT wanted AS endpoint_id, (
    SELECT count(*) FROM (
        SELECT FROM webhook_deliveries WHERE endpoint_id = wanted AND status = 'waiting' LIMIT %(most)s
    ) AS counted
) AS waiting
FROM unnest(%(ids)s::text[]) AS wanted

-- webhook_hours_of --
SELECT endpoint_id, hour, delivered, failed FROM webhook_hours
WHERE endpoint_id = ANY(%(ids)s::text[]) AND hour > %(since)s
ORDER BY endpoint_id, hour

-- webhook_hour_count --
INSERT INTO webhook_hours AS counted (endpoint_id, hour, delivered, failed)
VALUES (%(id)s, date_trunc('hour', now(), 'UTC'), %(delivered)s, %(failed)s)
ON CONFLICT (endpoint_id, hour) DO UPDATE
SET delivered = counted.delivered + excluded.delivered, failed = counted.failed + excluded.failed

-- webhook_hours_forget --
DELETE FROM webhook_hours WHERE hour < %(before)s OR endpoint_id NOT IN (SELECT id FROM webhook_endpoints)

-- webhooks_backlog --
-- Over all endpoints that are enabled: what waits, of each as many as are counted at most, and since when.
SELECT coalesce(sum(counted.waiting), 0)::bigint AS waiting,
    extract(epoch FROM now() - min(first.created_at))::double precision AS oldest_s
FROM webhook_endpoints AS endpoint,
    LATERAL (
        SELECT count(*) AS waiting FROM (
            SELECT FROM webhook_deliveries WHERE endpoint_id = endpoint.id AND status = 'waiting' LIMIT %(most)s
        ) AS part
    ) AS counted
    LEFT JOIN LATERAL (
        SELECT created_at FROM webhook_deliveries
        WHERE endpoint_id = endpoint.id AND status = 'waiting'
        ORDER BY created_at LIMIT 1
    ) AS first ON true
WHERE endpoint.enabled
