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
-- plan: each time
-- Of many numbers at once: what is_not_to_be_called(number, NULL) says of each, with every table looked up once.
WITH contacts AS MATERIALIZED (
    SELECT contact.lead_id, array_append(contact.further_phones, contact.phone) AS phones
    FROM crm_contacts AS contact
    WHERE contact.phone = ANY(%(numbers)s::text[]) AND contact.deleted_at IS NULL
    UNION
    SELECT contact.lead_id, array_append(contact.further_phones, contact.phone)
    FROM crm_contacts AS contact
    WHERE contact.further_phones <> '{}' AND contact.further_phones && %(numbers)s::text[]
        AND contact.deleted_at IS NULL
),
named AS MATERIALIZED (
    SELECT phone AS number, contacts.lead_id, contacts.phones
    FROM contacts CROSS JOIN LATERAL unnest(contacts.phones) AS theirs (phone)
    WHERE phone = ANY(%(numbers)s::text[])
),
people AS MATERIALIZED (
    SELECT number, lead_id FROM named WHERE lead_id IS NOT NULL
    UNION
    SELECT contact_phone, id FROM leads WHERE contact_phone = ANY(%(numbers)s::text[])
    UNION
    SELECT phone, id FROM leads CROSS JOIN LATERAL unnest(further_phones) AS theirs (phone)
    WHERE further_phones <> '{}' AND further_phones && %(numbers)s::text[] AND phone = ANY(%(numbers)s::text[])
    UNION
    SELECT phone, lead_id FROM claimed_numbers WHERE phone = ANY(%(numbers)s::text[])
),
known AS MATERIALIZED (
    SELECT id AS lead_id, opted_out_at IS NOT NULL AS opted_out, array_append(further_phones, contact_phone) AS phones
    FROM leads WHERE id = ANY(ARRAY(SELECT lead_id FROM people))
    UNION ALL
    SELECT lead_id, false, array_append(further_phones, phone)
    FROM crm_contacts WHERE lead_id = ANY(ARRAY(SELECT lead_id FROM people)) AND deleted_at IS NULL
),
numbers AS MATERIALIZED (
    SELECT number, number AS theirs FROM unnest(%(numbers)s::text[]) AS given (number)
    UNION
    SELECT number, phone FROM named CROSS JOIN LATERAL unnest(phones) AS theirs (phone) WHERE phone IS NOT NULL
    UNION
    SELECT people.number, phone
    FROM people JOIN known USING (lead_id) CROSS JOIN LATERAL unnest(known.phones) AS theirs (phone)
    WHERE phone IS NOT NULL
),
suppressed AS MATERIALIZED (
    SELECT people.number FROM people JOIN known USING (lead_id) WHERE known.opted_out
    UNION
    SELECT numbers.number
    FROM (
        SELECT number, lead_id FROM do_not_call WHERE number = ANY(ARRAY(SELECT theirs FROM numbers))
    ) AS wish
    JOIN numbers ON numbers.theirs = wish.number
    LEFT JOIN people ON people.number = numbers.number AND people.lead_id = wish.lead_id
    WHERE wish.number = numbers.number OR wish.lead_id IS NULL OR people.lead_id IS NOT NULL
)
SELECT given.number, consent.kind AS consent, consent.valid_until AS consent_until,
    suppressed.number IS NOT NULL AS suppressed
FROM unnest(%(numbers)s::text[]) AS given (number)
LEFT JOIN call_consents AS consent ON consent.number = given.number
LEFT JOIN suppressed ON suppressed.number = given.number

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
