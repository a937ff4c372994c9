-- Times are the database's own: processes on several machines then agree on whose turn it is.

-- webhook_claim_endpoints --
-- Those for which something is due. One process after the other takes from an endpoint, so that all together have no
-- more under way than it may have; what another is taking from is left to it.
SELECT id FROM webhook_endpoints AS endpoint
WHERE enabled AND hold_until <= now() AND EXISTS (
    SELECT FROM webhook_deliveries
    WHERE endpoint_id = endpoint.id AND status = 'waiting' AND due_at <= now() AND claimed_until <= now()
)
ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED

-- webhook_claim --
-- An attempt counts once it is claimed: what kills a process is not tried for ever.
WITH taken AS (
    SELECT picked.id
    FROM unnest(%(endpoints)s::text[]) AS wanted,
        LATERAL (
            SELECT id FROM webhook_deliveries
            WHERE endpoint_id = wanted AND status = 'waiting' AND due_at <= now() AND claimed_until <= now()
            ORDER BY due_at
            LIMIT greatest(0, %(at_once)s - (
                SELECT count(*) FROM webhook_deliveries
                WHERE endpoint_id = wanted AND status = 'waiting' AND claimed_until > now()
            ))
            FOR NO KEY UPDATE SKIP LOCKED
        ) AS picked
    LIMIT %(rows)s
)
UPDATE webhook_deliveries AS delivery
SET attempts = attempts + 1, claimed_until = now() + %(lease_s)s * interval '1 second', tried_at = now()
FROM taken, webhook_endpoints AS endpoint
WHERE delivery.id = taken.id AND endpoint.id = delivery.endpoint_id
RETURNING delivery.id, delivery.event_id, delivery.endpoint_id, delivery.type, delivery.occurred_at, delivery.data,
    delivery.conversation_id, delivery.subject, delivery.attempts, endpoint.url, endpoint.include_words,
    endpoint.secret, CASE WHEN endpoint.old_secret_until > now() THEN endpoint.old_secret END AS old_secret

-- webhook_claim_one --
-- Whatever became of it, for somebody who waits for the answer; the endpoint need not be enabled.
UPDATE webhook_deliveries AS delivery
SET attempts = attempts + 1, claimed_until = now() + %(lease_s)s * interval '1 second', tried_at = now()
FROM webhook_endpoints AS endpoint
WHERE delivery.id = %(id)s AND endpoint.id = delivery.endpoint_id
RETURNING delivery.id, delivery.event_id, delivery.endpoint_id, delivery.type, delivery.occurred_at, delivery.data,
    delivery.conversation_id, delivery.subject, delivery.attempts, endpoint.url, endpoint.include_words,
    endpoint.secret, CASE WHEN endpoint.old_secret_until > now() THEN endpoint.old_secret END AS old_secret

-- webhook_next_s --
-- In how many seconds there is something to do; NULL: nothing waits. With as many under way as there may be, when the
-- first of their claims ends.
SELECT extract(epoch FROM min(greatest(endpoint.hold_until, turn.at)) - now())::double precision
FROM webhook_endpoints AS endpoint,
    LATERAL (
        SELECT count(*) AS claims, min(claimed_until) AS ends_at FROM webhook_deliveries
        WHERE endpoint_id = endpoint.id AND status = 'waiting' AND claimed_until > now()
    ) AS under_way,
    LATERAL (
        SELECT min(at) AS at FROM (
            SELECT under_way.ends_at AS at
            UNION ALL
            (
                SELECT due_at FROM webhook_deliveries
                WHERE under_way.claims < %(at_once)s
                    AND endpoint_id = endpoint.id AND status = 'waiting' AND claimed_until <= now()
                ORDER BY due_at LIMIT 1
            )
        ) AS moments
    ) AS turn
WHERE endpoint.enabled AND turn.at IS NOT NULL

-- webhook_settle --
-- Not when its time was over, and another process has it by now.
UPDATE webhook_deliveries SET
    status = %(status)s, due_at = now() + %(again_s)s * interval '1 second', claimed_until = '-infinity',
    answer_status = %(answer_status)s, answer = %(answer)s, error = %(error)s, latency_ms = %(latency_ms)s
WHERE id = %(id)s AND attempts = %(attempts)s AND status = 'waiting'

-- webhook_leave --
UPDATE webhook_deliveries SET claimed_until = '-infinity'
WHERE id = %(id)s AND attempts = %(attempts)s AND status = 'waiting'

-- webhook_delivery_insert --
INSERT INTO webhook_deliveries (
    id, event_id, endpoint_id, type, occurred_at, data, claimed_until
) VALUES (
    %(id)s, %(event_id)s, %(endpoint_id)s, %(type)s, %(now)s, %(data)s,
    now() + %(lease_s)s * interval '1 second'
)

-- webhook_delivery_get --
SELECT * FROM webhook_deliveries WHERE id = %(id)s AND endpoint_id = %(endpoint_id)s

-- webhook_deliveries_list --
-- plan: each time
SELECT * FROM webhook_deliveries
WHERE endpoint_id = %(endpoint_id)s
    AND status = %(status)s -- if status
    AND type = %(type)s -- if type
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- webhook_redeliver --
-- Under the same webhook-id. What waits is tried at once; what is under way is left.
UPDATE webhook_deliveries SET status = 'waiting', attempts = 0, due_at = now(), claimed_until = '-infinity'
WHERE id = %(id)s AND endpoint_id = %(endpoint_id)s AND claimed_until <= now()

-- webhook_redeliver_since --
UPDATE webhook_deliveries SET status = 'waiting', attempts = 0, due_at = now(), claimed_until = '-infinity'
WHERE id IN (
    SELECT id FROM webhook_deliveries
    WHERE endpoint_id = %(endpoint_id)s AND status = 'given_up' AND occurred_at >= %(since)s AND type <> 'webhook.test'
    ORDER BY occurred_at LIMIT %(rows)s
    FOR NO KEY UPDATE
)

-- webhook_tell --
SELECT pg_notify('webhooks', '')

-- webhook_deliveries_delete_of --
DELETE FROM webhook_deliveries WHERE endpoint_id = %(endpoint_id)s

-- webhook_deliveries_forget --
-- What is through, and what nobody will fetch: of an endpoint that is disabled or gone. So many at a time.
DELETE FROM webhook_deliveries WHERE id IN (
    SELECT delivery.id FROM webhook_deliveries AS delivery
    LEFT JOIN webhook_endpoints AS endpoint ON endpoint.id = delivery.endpoint_id AND endpoint.enabled
    WHERE delivery.created_at < %(before)s AND (delivery.status <> 'waiting' OR endpoint.id IS NULL)
    ORDER BY delivery.created_at
    LIMIT %(rows)s
)

-- webhook_words_of_conversation --
-- What was heard and said, the last of it where it is long.
SELECT id, role, text, at FROM (
    SELECT id, role, heard_text AS text, created_at AS at, position FROM conversation_items
    WHERE conversation_id = %(conversation_id)s AND type = 'message' AND NOT deleted AND heard_text <> ''
        AND role IN ('user', 'assistant')
    ORDER BY position DESC
    LIMIT %(rows)s
) AS newest
ORDER BY position

-- webhook_words_of_outcome --
SELECT data FROM conversation_outcomes WHERE idempotency_key = %(idempotency_key)s
