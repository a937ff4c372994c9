-- insert_entries --
-- Who has said meanwhile that they want no calls is left out as well.
INSERT INTO call_list_entries (list_id, lead_id, position, status, reason, updated_at)
SELECT %(list_id)s, given.lead_id, given.position,
    CASE WHEN found.reason IS NULL THEN 'waiting' ELSE 'left_out' END, found.reason, %(now)s
FROM unnest(%(lead_ids)s::uuid[], %(positions)s::integer[], %(reasons)s::text[]) AS given (lead_id, position, reason)
LEFT JOIN leads AS lead ON lead.id = given.lead_id
LEFT JOIN do_not_call ON do_not_call.number = lead.contact_phone
CROSS JOIN LATERAL (
    SELECT coalesce(
        given.reason,
        CASE WHEN lead.opted_out_at IS NOT NULL THEN 'opted_out' WHEN do_not_call.number IS NOT NULL THEN 'do_not_call' END
    )
) AS found (reason)
ON CONFLICT (list_id, lead_id) DO NOTHING

-- entries_to_call --
-- Whose turn it is, with what decides whether they are called.
SELECT entry.id, entry.list_id, entry.lead_id, entry.status, entry.tries, lead.contact_phone, lead.time_zone,
    lead.status AS lead_status,
    EXISTS (
        SELECT FROM bookings
        WHERE bookings.lead_id = entry.lead_id AND bookings.status = 'booked' AND bookings.created_at >= list.created_at
    ) AS booked
FROM call_list_entries AS entry
JOIN call_lists AS list ON list.id = entry.list_id
LEFT JOIN leads AS lead ON lead.id = entry.lead_id
WHERE entry.list_id = %(list_id)s AND entry.status = 'waiting' AND entry.call_after <= %(now)s
ORDER BY entry.call_after, entry.position
LIMIT %(rows)s

-- entries_to_settle --
-- Whose call is over, and who was never asked for by the process that had them in its hands. What is said in a call is
-- written down by the time its conversation has ended.
SELECT entry.id, entry.list_id, entry.lead_id, entry.status, entry.tries, lead.contact_phone, lead.time_zone,
    lead.status AS lead_status,
    EXISTS (
        SELECT FROM bookings
        WHERE bookings.lead_id = entry.lead_id AND bookings.status = 'booked' AND bookings.created_at >= list.created_at
    ) AS booked
FROM call_list_entries AS entry
JOIN call_lists AS list ON list.id = entry.list_id
LEFT JOIN leads AS lead ON lead.id = entry.lead_id
LEFT JOIN outbound_calls AS call ON call.idempotency_key = 'call-list:' || entry.id || ':' || entry.tries
LEFT JOIN conversations AS talk ON talk.id = call.conversation_id
WHERE entry.status = 'calling' AND (
    call.id IS NULL AND entry.claimed_until <= %(now)s
    OR call.ended_at IS NOT NULL AND (talk.status IS DISTINCT FROM 'open' OR call.ended_at <= %(talked_before)s)
)
ORDER BY entry.id
LIMIT %(rows)s

-- entries_settle_at --
-- Whether a call is over whose conversation is not, and when the hands of a process are another's.
SELECT bool_or(call.ended_at IS NOT NULL) AS soon, min(entry.claimed_until) FILTER (WHERE call.id IS NULL) AS claimed_until
FROM call_list_entries AS entry
LEFT JOIN outbound_calls AS call ON call.idempotency_key = 'call-list:' || entry.id || ':' || entry.tries
WHERE entry.status = 'calling'

-- entries_next_due --
SELECT min(call_after) FROM call_list_entries
WHERE list_id = %(list_id)s AND status = 'waiting' AND call_after > %(now)s

-- calls_of_entries --
-- Oldest first, each with what its conversation led to. Of several words on how it ended the last one counts.
SELECT call.list_entry_id AS entry_id, call.id, call.status, call.code, call.retry_at, call.answered_by, call.conversation_id,
    call.created_at, call.dialled_at, call.answered_at, call.ended_at,
    ARRAY(
        SELECT DISTINCT kind FROM conversation_outcomes AS outcome
        WHERE outcome.conversation_id = call.conversation_id
    ) AS kinds,
    ended.outcome, ended.call_back_at
FROM outbound_calls AS call
LEFT JOIN LATERAL (
    SELECT data ->> 'outcome' AS outcome, data ->> 'call_back_at' AS call_back_at
    FROM conversation_outcomes AS outcome
    WHERE outcome.conversation_id = call.conversation_id AND kind = 'lead_update' AND data ? 'outcome'
    ORDER BY created_at DESC, idempotency_key DESC LIMIT 1
) AS ended ON true
WHERE call.list_entry_id = ANY(%(ids)s::uuid[])
ORDER BY call.created_at, call.id

-- entry_put_off --
UPDATE call_list_entries SET status = 'waiting', call_after = %(until)s, updated_at = %(now)s
WHERE id = %(id)s AND status = %(status)s AND tries = %(tries)s

-- entry_done --
UPDATE call_list_entries SET status = 'done', result = %(result)s, reason = %(reason)s, updated_at = %(now)s
WHERE id = %(id)s AND status = %(status)s AND tries = %(tries)s

-- entry_claim --
-- Its calls have numbers, so that whoever asks for one again asks for the same.
UPDATE call_list_entries AS entry
SET status = 'calling', claimed_until = %(until)s, updated_at = %(now)s,
    tries = 1 + (SELECT count(*) FROM outbound_calls WHERE list_entry_id = entry.id)
WHERE entry.id = %(id)s AND entry.status = 'waiting' AND entry.call_after <= %(now)s
RETURNING entry.tries

-- lead_of_entry --
SELECT lead_id FROM call_list_entries WHERE id = %(id)s AND list_id = %(list_id)s

-- entry_refused_lock --
-- Of somebody who was never called, or not any more, for what may have changed.
SELECT lead_id FROM call_list_entries
WHERE id = %(id)s AND list_id = %(list_id)s AND lead_id IS NOT NULL
    AND (status = 'left_out' OR status = 'done' AND result IN ('refused', 'do_not_call'))
FOR NO KEY UPDATE

-- entry_same_number --
-- Whether somebody else of the list has the number, and is called at it.
SELECT EXISTS (
    SELECT FROM leads AS lead
    JOIN leads AS other ON other.contact_phone = lead.contact_phone AND other.id <> lead.id
    JOIN call_list_entries AS entry ON entry.lead_id = other.id AND entry.list_id = %(list_id)s
    WHERE lead.id = %(lead_id)s AND entry.status <> 'left_out'
        AND (entry.result IS NULL OR entry.result NOT IN ('refused', 'do_not_call'))
)

-- entry_take_in --
UPDATE call_list_entries
SET status = 'waiting', result = NULL, reason = NULL, call_after = '-infinity', updated_at = %(now)s
WHERE id = %(id)s

-- list_entries --
-- plan: each time
SELECT entry.id, entry.position, entry.lead_id, entry.status, entry.result, entry.reason, entry.call_after,
    entry.updated_at, lead.contact_name, lead.company_name, lead.contact_phone
FROM call_list_entries AS entry LEFT JOIN leads AS lead ON lead.id = entry.lead_id
WHERE entry.list_id = %(list_id)s
    AND entry.status = %(status)s -- if status
    AND entry.result = %(result)s -- if result
    AND entry.position > %(after)s -- if after
ORDER BY entry.position
LIMIT %(rows)s

-- entries_by_result --
SELECT result, reason, count(*)::int AS people FROM call_list_entries
WHERE list_id = %(list_id)s AND status = 'done'
GROUP BY result, reason
ORDER BY people DESC, result, reason

-- calls_of_list_by_hour --
SELECT extract(hour FROM call.dialled_at AT TIME ZONE %(time_zone)s)::int AS hour, call.status, call.code,
    count(*)::int AS calls
FROM outbound_calls AS call JOIN call_list_entries AS entry ON entry.id = call.list_entry_id
WHERE entry.list_id = %(list_id)s AND call.dialled_at IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
