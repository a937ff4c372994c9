-- erasure_traces --
-- Leads, contacts and calls that have something in common with what is known of a person.
-- A number that only a caller says is somebody's does not name them.
SELECT 'lead' AS kind, id::text AS id, id AS lead_id, contact_email AS email,
    CASE WHEN NOT claimed THEN contact_phone END AS phone, contact_name AS name, further_emails, further_phones
FROM leads CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT FROM claimed_numbers WHERE lead_id = leads.id AND phone = leads.contact_phone)
) AS number (claimed)
WHERE id = ANY(%(leads)s::uuid[]) OR (contact_phone = ANY(%(phones)s::text[]) AND NOT claimed)
    OR (further_phones <> '{}' AND further_phones && %(phones)s::text[])
    OR id = ANY(ARRAY(
        SELECT lead_id FROM lead_emails WHERE email = ANY(%(emails)s::text[] || %(further_emails)s::text[])
    ))
UNION ALL
SELECT 'contact', id, lead_id, email, phone, nullif(concat_ws(' ', first_name, last_name), ''), further_emails,
    further_phones
FROM crm_contacts
WHERE erased IS NULL AND (
    id = ANY(%(contacts)s::text[]) OR lead_id = ANY(%(leads)s::uuid[])
    OR email = ANY(%(emails)s::text[] || %(further_emails)s::text[])
    OR (further_emails <> '{}' AND further_emails && (%(emails)s::text[] || %(further_emails)s::text[]))
    OR (phone = ANY(%(phones)s::text[]) AND deleted_at IS NULL)
    OR (further_phones <> '{}' AND further_phones && %(phones)s::text[] AND deleted_at IS NULL)
)
UNION ALL
SELECT 'call', id, lead_id, NULL, number, NULL, '{}', '{}'
FROM outbound_calls WHERE lead_id = ANY(%(leads)s::uuid[]) AND number <> ''
UNION ALL
SELECT 'call', number, lead_id, NULL, number, NULL, '{}', '{}'
FROM call_consents WHERE lead_id = ANY(%(leads)s::uuid[])
UNION ALL
SELECT 'call', number, lead_id, NULL, number, NULL, '{}', '{}'
FROM do_not_call WHERE lead_id = ANY(%(leads)s::uuid[])
ORDER BY kind DESC, id
LIMIT %(rows)s

-- erasure_conversations --
-- A number that somebody else's conversation came from does not make it theirs.
SELECT id FROM conversations WHERE lead_id = ANY(%(leads)s::uuid[])
UNION
SELECT id FROM conversations
WHERE metadata ? 'contact_id' AND metadata ->> 'contact_id' = ANY(%(contacts)s::text[])
UNION
SELECT id FROM conversations
WHERE metadata ? 'calls_from' AND metadata ->> 'calls_from' = ANY(%(phones)s::text[] || %(emails)s::text[])
    AND (lead_id IS NULL OR lead_id = ANY(%(leads)s::uuid[]))
UNION
SELECT conversation_id FROM conversation_outcomes WHERE lead_id = ANY(%(leads)s::uuid[])
UNION
SELECT conversation_id FROM outbound_calls
WHERE lead_id = ANY(%(leads)s::uuid[]) OR (lead_id IS NULL AND number = ANY(%(phones)s::text[]))
UNION
SELECT conversation.id FROM leads JOIN conversations AS conversation ON conversation.id = leads.conversation_id
WHERE leads.id = ANY(%(leads)s::uuid[])
    AND (conversation.lead_id IS NULL OR conversation.lead_id = ANY(%(leads)s::uuid[]))

-- erasure_bookings --
SELECT id FROM bookings
WHERE lead_id = ANY(%(leads)s::uuid[]) OR conversation_id = ANY(%(conversations)s::text[])
    OR lower(email) = ANY(%(emails)s::text[])

-- erasure_executions --
SELECT id, thread_id FROM agent_executions
WHERE lead_id = ANY(%(leads)s::uuid[]) OR conversation_id = ANY(%(conversations)s::text[])
UNION
SELECT id, thread_id FROM agent_executions WHERE thread_id = ANY(%(threads)s::text[])
UNION
SELECT execution.id, execution.thread_id FROM campaign_messages AS message
JOIN agent_executions AS execution ON execution.id = message.execution_id
WHERE message.lead_id = ANY(%(leads)s::uuid[])

-- erasure_mails --
SELECT concat_ws(':', 'campaign', campaign_id, lead_id, step) FROM campaign_messages
WHERE lead_id = ANY(%(leads)s::uuid[])

-- erasure_threads --
-- Of a lead that was given and is none of ours its address tells, or its number where no other address is given with it.
SELECT thread_id FROM workflow_state WHERE lead_id = ANY(%(leads)s::uuid[])
UNION
SELECT thread_id FROM workflow_state WHERE emails <> '{}' AND emails && %(emails)s::text[]
UNION
SELECT thread_id FROM workflow_state
WHERE phones <> '{}' AND phones && %(phones)s::text[] AND lead_id IS NULL
    AND (emails = '{}' OR %(emails)s::text[] = '{}')
UNION
SELECT thread_id FROM agent_runs
WHERE lead_id = ANY(%(leads)s::uuid[]) OR conversation_id = ANY(%(conversations)s::text[])

-- erasure_outcomes --
SELECT idempotency_key FROM conversation_outcomes
WHERE conversation_id = ANY(%(conversations)s::text[]) OR lead_id = ANY(%(leads)s::uuid[])

-- erasure_faces --
-- What an enrichment source may have been asked with.
SELECT contact_email AS email, contact_name AS name, company_name AS company, company_website AS website, linkedin_url
FROM leads WHERE id = ANY(%(leads)s::uuid[])
UNION ALL
SELECT email, concat_ws(' ', first_name, last_name), company, NULL, linkedin_url
FROM crm_contacts WHERE id = ANY(%(contacts)s::text[]) AND erased IS NULL

-- erasure_refusals --
-- Under what names refused calls are entered at the CRM (migration 0015_calls).
SELECT DISTINCT concat_ws(':', 'refusal', lead_id, code, (ended_at AT TIME ZONE 'UTC')::date) AS reference
FROM outbound_calls
WHERE lead_id = ANY(%(leads)s::uuid[]) AND status = 'refused'

-- erasure_call_audio --
SELECT id, conversation_id, started_at, duration_ms FROM call_recordings
WHERE conversation_id = ANY(%(conversations)s::text[]) AND deleted_at IS NULL
ORDER BY started_at, id

-- erasure_under_way --
-- What is to end first: what it writes would come after.
SELECT
    (
        SELECT count(*) FROM conversations AS conversation
        LEFT JOIN conversation_presence AS presence ON presence.conversation_id = conversation.id
        WHERE conversation.id = ANY(%(conversations)s::text[])
            AND greatest(presence.seen_at, conversation.updated_at) > now() - %(silence_s)s * interval '1 second'
            AND (
                conversation.status = 'open'
                OR conversation.updated_at > now() - %(settle_s)s * interval '1 second'
            )
    ) AS conversations,
    (
        SELECT count(*) FROM outbound_calls
        WHERE conversation_id = ANY(%(conversations)s::text[])
            AND status IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown')
    ) AS calls,
    (
        SELECT count(*) FROM agent_runs
        WHERE expires_at > now() AND (
            lead_id = ANY(%(leads)s::uuid[]) OR conversation_id = ANY(%(conversations)s::text[])
            OR thread_id = ANY(%(threads)s::text[])
        )
    ) AS agent_runs,
    (
        SELECT count(*) FROM bookings
        WHERE id = ANY(%(bookings)s::text[]) AND ends_at > now() AND updated_at > now() - interval '1 hour'
            AND (
                invite_after IS NOT NULL OR kept_sequence <> sequence
                OR EXISTS (SELECT FROM booking_withdrawals WHERE booking_id = bookings.id)
            )
    ) AS bookings

-- erasure_cancel_bookings --
-- Whoever is invited, or may be, is told, and the calendar they are kept in.
UPDATE bookings SET
    status = 'cancelled', sequence = sequence + 1, updated_at = %(now)s::timestamptz, invite_attempts = 0,
    invite_after = CASE WHEN is_perhaps_invited(bookings) THEN %(now)s::timestamptz END
WHERE id = ANY(%(bookings)s::text[]) AND status = 'booked' AND starts_at > %(now)s::timestamptz

-- erasure_contacts_count --
SELECT count(*) FROM crm_contacts WHERE id = ANY(%(contacts)s::text[]) AND erased IS NULL

-- erasure_contacts_show --
SELECT to_jsonb(contact) - 'base' - 'writing' - 'reference' - 'search' AS row FROM crm_contacts AS contact
WHERE id = ANY(%(contacts)s::text[]) AND erased IS NULL
ORDER BY id

-- erasure_contacts_lock --
-- In one order for everybody, so that two transactions never wait for each other.
SELECT id FROM crm_contacts WHERE id = ANY(%(contacts)s::text[]) ORDER BY id FOR UPDATE

-- erasure_contacts --
-- Of two erasures of one person, whichever comes to its end first, the one that wants the record deleted has its way.
UPDATE crm_contacts SET
    erased = %(crm)s, lead_id = NULL, email = NULL, first_name = NULL, last_name = NULL, company = NULL, title = NULL,
    phone = NULL, linkedin_url = NULL, further_emails = '{}', further_phones = '{}', address_types = '{}',
    enrichment_data = '{}', field_times = '{}', base = '{}', writing = '{}', refused = '{}', enriched_at = '{}',
    deleted_at = %(now)s, deleted_by = 'local', version = version + 1, updated_at = %(now)s
WHERE id = ANY(%(contacts)s::text[]) AND (erased IS NULL OR (erased = 'keep' AND %(crm)s = 'delete'))

-- erasure_outbox_count --
SELECT count(*) FROM crm_outbox
WHERE reference = ANY(%(references)s::text[]) AND kind <> 'contact'
    AND (payload <> '{}' OR error IS NOT NULL OR state = 'pending')

-- erasure_outbox --
-- What is being sent right now is over there, and settles nothing here any more. The order to delete a record stands,
-- where another erasure of the same person gave it.
UPDATE crm_outbox SET
    payload = '{}', error = NULL,
    state = CASE WHEN state = 'pending' AND NOT (kind = 'contact' AND EXISTS (
        SELECT FROM crm_contacts AS contact WHERE contact.id = subject AND contact.erased = 'delete'
    )) THEN 'skipped' ELSE state END,
    done_at = coalesce(done_at, %(now)s), generation = generation + 1, urgent = false
WHERE reference = ANY(%(references)s::text[]) AND (payload <> '{}' OR error IS NOT NULL OR state = 'pending')

-- erasure_outbox_remove --
-- Have deleted over there what was entered with the person's records; or may have been, by an attempt without an answer,
-- which shows by then. ``created_at`` is the attempt's, by which it is looked for.
INSERT INTO crm_outbox (platform, kind, subject, reference, payload, due_at, created_at)
SELECT platform, 'removal', coalesce(external_id, ''), 'removal:' || id,
    CASE WHEN external_id IS NOT NULL THEN jsonb_build_object('kind', kind) ELSE jsonb_build_object(
        'kind', kind, 'reference', reference, 'parent', payload -> 'tried_parent', 'mark', payload -> 'mark'
    ) END,
    CASE WHEN external_id IS NOT NULL THEN %(now)s::timestamptz ELSE %(now)s::timestamptz + interval '30 seconds' END,
    created_at
FROM crm_outbox
WHERE reference = ANY(%(references)s::text[]) AND kind IN ('call', 'note', 'email')
    AND (external_id IS NOT NULL OR tried_at IS NOT NULL)
ON CONFLICT DO NOTHING

-- erasure_outbox_delete --
-- Have the records over there deleted, those too that may come to be by a creation whose answer was lost.
INSERT INTO crm_outbox (platform, kind, subject, reference, due_at, created_at)
SELECT crm_platform, 'contact', id, 'contact:' || id, %(now)s, %(now)s
FROM crm_contacts
WHERE id = ANY(%(contacts)s::text[]) AND erased = 'delete' AND crm_platform = 'close'
    AND (external_id IS NOT NULL OR create_tried_at IS NOT NULL)
ON CONFLICT (reference) DO UPDATE
SET generation = crm_outbox.generation + 1, state = 'pending', attempts = 0, due_at = excluded.due_at

-- erasure_suppressed --
-- Whether anybody asked not to be called or written to.
SELECT
    ARRAY(
        SELECT number FROM do_not_call
        WHERE number = ANY(%(phones)s::text[]) OR lead_id = ANY(%(leads)s::uuid[])
    ) AS numbers,
    EXISTS (SELECT FROM leads WHERE id = ANY(%(leads)s::uuid[]) AND opted_out_at IS NOT NULL) AS opted_out

-- erasure_suppressed_show --
SELECT to_jsonb(entry) AS row FROM do_not_call AS entry
WHERE number = ANY(%(phones)s::text[]) OR lead_id = ANY(%(leads)s::uuid[])
ORDER BY number

-- erasure_remember --
INSERT INTO erased_people (digest, do_not_call, crm, erased_at)
SELECT digest, do_not_call, %(crm)s, %(now)s
FROM unnest(%(digests)s::bytea[], %(do_not_call)s::boolean[]) AS known (digest, do_not_call)
ORDER BY digest
ON CONFLICT (digest) DO UPDATE SET
    do_not_call = erased_people.do_not_call OR excluded.do_not_call, crm = excluded.crm, erased_at = excluded.erased_at

-- erasure_forget_numbers --
DELETE FROM do_not_call WHERE number = ANY(%(phones)s::text[]) OR lead_id = ANY(%(leads)s::uuid[])

-- erased_among --
SELECT digest, do_not_call, crm, erased_at FROM erased_people WHERE digest = ANY(%(digests)s::bytea[])

-- erased_may_be_called --
UPDATE erased_people SET do_not_call = false WHERE digest = ANY(%(digests)s::bytea[]) AND do_not_call

-- erasure_checkpoints_are_there --
SELECT to_regclass('checkpoints') IS NOT NULL

-- erasure_checkpoints_count --
SELECT count(DISTINCT thread_id) FROM checkpoints WHERE thread_id = ANY(%(threads)s::text[])

-- erasure_checkpoints --
WITH writes AS (DELETE FROM checkpoint_writes WHERE thread_id = ANY(%(threads)s::text[])),
blobs AS (DELETE FROM checkpoint_blobs WHERE thread_id = ANY(%(threads)s::text[])),
steps AS (DELETE FROM checkpoints WHERE thread_id = ANY(%(threads)s::text[]) RETURNING thread_id)
SELECT count(DISTINCT thread_id) FROM steps

-- erasure_add --
INSERT INTO erasures (id, status, source, subject, crm, requested_by, conversation_id, due_at, created_at, updated_at)
VALUES (
    %(id)s, %(status)s, %(source)s, %(subject)s, %(crm)s, %(requested_by)s, %(conversation_id)s, %(now)s, %(now)s,
    %(now)s
)
ON CONFLICT DO NOTHING

-- erasure_begin_anew --
-- Whoever asks again means what came since the first step, too. Once somebody wants the CRM's record deleted, it goes.
UPDATE erasures SET
    steps = '{}', crm = CASE WHEN %(crm)s = 'delete' THEN 'delete' ELSE crm END, updated_at = now()
WHERE subject = %(subject)s::jsonb AND status IN ('queued', 'waiting', 'running')
RETURNING *

-- erasure_renewed --
-- What the CRM has had of them until now, and was not read here, is not taken in either.
UPDATE erased_people SET
    erased_at = greatest(erased_at, %(now)s), crm = CASE WHEN %(crm)s = 'delete' THEN 'delete' ELSE crm END
WHERE digest IN (SELECT unnest(digests) FROM erasures WHERE id = %(id)s)

-- erasure_finished_of --
SELECT * FROM erasures WHERE status = 'finished' AND digests @> ARRAY[%(digest)s::bytea]
ORDER BY finished_at DESC LIMIT 1

-- erasure_get --
SELECT * FROM erasures WHERE id = %(id)s

-- erasures_list --
-- plan: each time
SELECT * FROM erasures
WHERE true
    AND status = %(status)s -- if status
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- erasure_confirm --
UPDATE erasures SET
    status = 'queued', subject = %(subject)s, crm = %(crm)s, requested_by = %(requested_by)s,
    due_at = %(now)s::timestamptz, updated_at = %(now)s::timestamptz
WHERE id = %(id)s AND status = 'requested'

-- erasure_dismiss --
UPDATE erasures SET
    status = 'dismissed', subject = NULL, conversation_id = NULL, requested_by = %(requested_by)s,
    updated_at = %(now)s::timestamptz, finished_at = %(now)s::timestamptz
WHERE id = %(id)s AND status = 'requested'

-- erasure_claim --
-- The next that nobody is at.
UPDATE erasures SET
    status = 'running', turn = turn + 1, waits_for = NULL, updated_at = now(),
    run_until = now() + %(lease_s)s * interval '1 second'
WHERE id = (
    SELECT id FROM erasures
    WHERE status IN ('queued', 'waiting', 'running') AND due_at <= now() AND run_until <= now()
    ORDER BY due_at
    FOR UPDATE SKIP LOCKED
    LIMIT 1
)
RETURNING *

-- erasure_hold --
-- Held until the end of the transaction; nothing when somebody else has it by now.
SELECT person, steps, crm FROM erasures WHERE id = %(id)s AND turn = %(turn)s AND status = 'running' FOR UPDATE

-- erasure_found --
UPDATE erasures SET person = %(person)s, updated_at = now(), run_until = now() + %(lease_s)s * interval '1 second'
WHERE id = %(id)s

-- erasure_step --
UPDATE erasures SET
    steps = steps || %(step)s::text, updated_at = now(), run_until = now() + %(lease_s)s * interval '1 second',
    counts = (
        SELECT coalesce(jsonb_object_agg(kind, rows), '{}') FROM (
            SELECT kind, sum(value::bigint) AS rows
            FROM (SELECT * FROM jsonb_each_text(counts) UNION ALL SELECT * FROM jsonb_each_text(%(counts)s::jsonb)) AS c (kind, value)
            GROUP BY kind
        ) AS sums
    )
WHERE id = %(id)s

-- erasure_again --
UPDATE erasures SET
    status = 'waiting', waits_for = %(waits_for)s, steps = '{}', run_until = '-infinity',
    due_at = now() + %(again_s)s * interval '1 second', updated_at = now()
WHERE id = %(id)s AND turn = %(turn)s AND status = 'running'

-- erasure_leave --
UPDATE erasures SET run_until = '-infinity' WHERE id = %(id)s AND turn = %(turn)s AND status = 'running'

-- erasure_finish --
UPDATE erasures SET
    status = 'finished', subject = NULL, person = NULL, conversation_id = NULL, waits_for = NULL,
    digests = %(digests)s::bytea[], run_until = '-infinity', updated_at = now(), finished_at = now()
WHERE id = %(id)s
