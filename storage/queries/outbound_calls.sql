-- outbound_lock --
-- One decision on a number, and on a lead, after the other, until the end of the transaction: numbers before leads.
-- 5277 and 5278 keep clear of the numbers other locks use.
SELECT pg_advisory_xact_lock(5277, hashtext(%(number)s))

-- outbound_lock_lead --
SELECT pg_advisory_xact_lock(5278, hashtext(%(lead_id)s::uuid::text))

-- outbound_facts --
-- Whether the number, its lead or whoever else it belongs to is not to be called; what was agreed; what is under way.
SELECT
    is_not_to_be_called(%(number)s, %(lead_id)s)
    OR EXISTS (SELECT 1 FROM erased_people WHERE digest = ANY(%(digests)s::bytea[]) AND erased_people.do_not_call)
        AS suppressed,
    (SELECT kind FROM call_consents WHERE call_consents.number = %(number)s) AS consent,
    (SELECT valid_until FROM call_consents WHERE call_consents.number = %(number)s) AS consent_until,
    EXISTS (
        SELECT 1 FROM outbound_calls
        WHERE (outbound_calls.number = %(number)s OR outbound_calls.lead_id = %(lead_id)s)
            AND outbound_calls.id IS DISTINCT FROM %(but)s
            AND outbound_calls.status IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown')
    )
    OR EXISTS (
        SELECT 1 FROM conversations
        WHERE conversations.lead_id = %(lead_id)s AND conversations.channel = 'phone' AND conversations.status = 'open'
            AND conversations.created_at > %(now)s::timestamptz - interval '24 hours'
    ) AS in_call,
    ARRAY(
        SELECT dialled_at FROM outbound_calls
        WHERE (outbound_calls.number = %(number)s OR outbound_calls.lead_id = %(lead_id)s)
            AND dialled_at > %(now)s::timestamptz - interval '24 hours'
            AND outbound_calls.id IS DISTINCT FROM %(but)s
        ORDER BY dialled_at
    ) AS attempts,
    (SELECT time_zone FROM leads WHERE leads.id = %(lead_id)s) AS time_zone

-- outbound_consents --
-- Of many numbers at once.
SELECT given.number, consent.kind AS consent, consent.valid_until AS consent_until,
    is_not_to_be_called(given.number, NULL) AS suppressed
FROM unnest(%(numbers)s::text[]) AS given (number)
LEFT JOIN call_consents AS consent ON consent.number = given.number

-- outbound_told --
SELECT EXISTS (
    SELECT FROM outbound_calls WHERE list_entry_id = %(list_entry_id)s AND id <> %(but)s AND left_message
)

-- outbound_pending --
-- Calls that will need a place once they are answered.
SELECT count(*) FROM outbound_calls WHERE status IN ('queued', 'dialling', 'ringing', 'unknown')

-- outbound_awaited --
SELECT id FROM outbound_calls
WHERE status IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown')
    AND (status <> 'in_progress' OR answered_at > %(answered_after)s)

-- outbound_pace --
-- The row of an account is held until the end of the transaction.
INSERT INTO dial_pace (account, next_at) VALUES (%(account)s, %(now)s)
ON CONFLICT (account) DO UPDATE SET next_at = greatest(dial_pace.next_at, excluded.next_at)
RETURNING next_at

-- outbound_pace_take --
UPDATE dial_pace SET next_at = %(next_at)s WHERE account = %(account)s

-- outbound_insert --
INSERT INTO outbound_calls (
    id, idempotency_key, number, lead_id, conversation_id, purpose, requested_by, status, code, message, retry_at,
    list_entry_id, agent, created_at, ended_at, updated_at
)
VALUES (
    %(id)s, %(idempotency_key)s, %(number)s, %(lead_id)s, %(conversation_id)s, %(purpose)s, %(requested_by)s,
    %(status)s, %(code)s, %(message)s, %(retry_at)s, %(list_entry_id)s, %(agent)s, %(created_at)s, %(ended_at)s, %(created_at)s
)

-- outbound_get --
SELECT * FROM outbound_calls WHERE id = %(id)s

-- outbound_of_conversation --
SELECT * FROM outbound_calls WHERE conversation_id = %(conversation_id)s

-- outbound_by_key --
SELECT * FROM outbound_calls WHERE idempotency_key = %(idempotency_key)s

-- outbound_lock_row --
SELECT * FROM outbound_calls WHERE id = %(id)s FOR UPDATE

-- outbound_update --
UPDATE outbound_calls SET
    status = %(status)s, code = %(code)s, message = %(message)s, retry_at = %(retry_at)s,
    carrier = %(carrier)s, carrier_call_id = %(carrier_call_id)s, answered_by = %(answered_by)s,
    cancel_requested = %(cancel_requested)s, left_message = %(left_message)s, dialled_at = %(dialled_at)s,
    answered_at = %(answered_at)s, ended_at = %(ended_at)s, updated_at = %(updated_at)s
WHERE id = %(id)s

-- outbound_list --
-- plan: each time
SELECT outbound_calls.*, leads.company_name, leads.contact_name
FROM outbound_calls LEFT JOIN leads ON leads.id = outbound_calls.lead_id
WHERE true
    AND outbound_calls.status = %(status)s -- if status
    AND outbound_calls.lead_id = %(lead_id)s -- if lead_id
    AND outbound_calls.number = %(number)s -- if number
    AND (outbound_calls.created_at, outbound_calls.id) < (%(before_at)s, %(before_id)s) -- if before_id
ORDER BY outbound_calls.created_at DESC, outbound_calls.id DESC
LIMIT %(rows)s

-- outbound_stale --
-- Open, and nothing was heard of them for a while; those longest untouched first. Of a call that is talked in nothing is
-- told for longer.
SELECT * FROM outbound_calls
WHERE status IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown') AND updated_at < %(before)s
  AND (
      status <> 'in_progress'
      OR updated_at < %(in_call_before)s
      OR EXISTS (
          SELECT FROM conversations WHERE id = outbound_calls.conversation_id AND conversations.status <> 'open'
      )
  )
ORDER BY updated_at
LIMIT %(rows)s
