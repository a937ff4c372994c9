-- bookings_lock --
-- One booking after the other, until the end of the transaction: those who race for a time under the constraint alone
-- can lock each other up. 5274 keeps clear of the numbers other locks use.
SELECT pg_advisory_xact_lock(5274, 0)

-- booking_insert --
INSERT INTO bookings (
    id, uid, idempotency_key, starts_at, ends_at, blocked, time_zone, email, name, company, notes, lead_id,
    conversation_id, invite_after, created_at, updated_at
)
VALUES (
    %(id)s, %(uid)s, %(idempotency_key)s, %(starts_at)s, %(ends_at)s,
    tstzrange(%(starts_at)s, %(ends_at)s::timestamptz + make_interval(mins => %(buffer_minutes)s)), %(time_zone)s, %(email)s,
    %(name)s, %(company)s, %(notes)s, %(lead_id)s, %(conversation_id)s, %(invite_after)s, %(now)s, %(now)s
)

-- booking_by_key --
-- Made or moved under it.
SELECT * FROM bookings WHERE id = coalesce(
    (SELECT id FROM bookings WHERE idempotency_key = %(idempotency_key)s),
    (SELECT booking_id FROM booking_moves WHERE idempotency_key = %(idempotency_key)s)
)

-- booking_coming --
-- The next meeting of a person, who is known as a lead, by an address, or by the conversation alone. The lead of a
-- conversation may be one by an address that was said, too.
SELECT * FROM bookings
WHERE status = 'booked' AND starts_at > %(now)s
    AND (
        lead_id = %(lead_id)s
        OR conversation_id = %(conversation_id)s
        OR %(identified)s AND (
            lower(email) = lower(%(email)s)
            OR lead_id = coalesce(
                %(lead_id)s,
                (SELECT lead_id FROM conversations WHERE id = %(conversation_id)s),
                (SELECT lead_id FROM lead_emails WHERE lead_emails.email = lower(%(email)s))
            )
        )
    )
ORDER BY starts_at, id LIMIT 1

-- bookings_held --
-- Of those ahead that were booked in conversations (bounds.Held). A stranger is a page's visitor, or calls from a number
-- that is withheld.
WITH this AS (
    SELECT metadata ->> 'calls_from' AS number, metadata ->> 'visits_from' AS place, is_strangers(conversations) AS is_one
    FROM (SELECT) AS once LEFT JOIN conversations ON conversations.id = %(conversation_id)s
), ahead AS (
    SELECT booking.email, booking.lead_id, booking.conversation_id, talk.metadata ->> 'calls_from' AS number,
        talk.metadata ->> 'visits_from' AS place, is_strangers(talk) AS is_one
    FROM bookings AS booking LEFT JOIN conversations AS talk ON talk.id = booking.conversation_id
    WHERE booking.status = 'booked' AND booking.starts_at > %(now)s AND booking.conversation_id IS NOT NULL
)
SELECT
    greatest(
        count(*) FILTER (WHERE lower(ahead.email) = lower(%(email)s)),
        count(*) FILTER (WHERE ahead.lead_id = %(lead_id)s),
        count(*) FILTER (WHERE ahead.conversation_id = %(conversation_id)s),
        count(*) FILTER (WHERE ahead.number = this.number AND this.number ~ '^\+[1-9][0-9]{6,14}$')
    ) AS theirs,
    count(*) FILTER (WHERE ahead.place = this.place) AS visitors,
    CASE WHEN this.is_one THEN count(*) FILTER (WHERE ahead.is_one) END AS strangers
FROM this LEFT JOIN ahead ON true
GROUP BY this.is_one

-- booking_named --
SELECT * FROM bookings WHERE id = %(booking_id)s AND status = 'booked' AND starts_at > %(now)s

-- booking_theirs --
-- A meeting at that time, cancelled or not, of the lead or of the conversation itself.
SELECT * FROM bookings
WHERE starts_at = %(starts_at)s AND (lead_id = %(lead_id)s OR conversation_id = %(conversation_id)s)
ORDER BY status = 'cancelled', id LIMIT 1

-- booking_withdraw --
-- Before another address takes its place: whoever may have been invited is to be told. By a change of its own, older
-- than the other's invitation: both addresses may lead to one calendar. What was to be told to an address that is given
-- again is told no more, nor of a meeting that is over.
WITH over AS (
    DELETE FROM booking_withdrawals WHERE ends_at <= %(now)s
), given_again AS (
    DELETE FROM booking_withdrawals WHERE booking_id = %(id)s AND lower(email) = lower(%(email)s)
), withdrawn AS (
    UPDATE bookings SET sequence = sequence + 1, invited_sequence = NULL, invite_error = NULL
    WHERE id = %(id)s AND lower(email) <> lower(%(email)s)
        AND is_perhaps_invited(bookings)
    RETURNING *
)
INSERT INTO booking_withdrawals (booking_id, sequence, email, name, starts_at, ends_at, time_zone, due_at)
SELECT id, sequence, email, name, starts_at, ends_at, time_zone, %(now)s FROM withdrawn

-- booking_move --
-- What is told anew counts; the attendee is told of the change.
UPDATE bookings SET
    starts_at = %(starts_at)s, ends_at = %(ends_at)s,
    blocked = tstzrange(%(starts_at)s, %(ends_at)s::timestamptz + make_interval(mins => %(buffer_minutes)s)),
    time_zone = %(time_zone)s, email = coalesce(%(email)s, email), name = coalesce(%(name)s, name),
    company = coalesce(%(company)s, company), notes = coalesce(%(notes)s, notes),
    lead_id = coalesce(lead_id, %(lead_id)s), sequence = sequence + 1, updated_at = %(now)s::timestamptz,
    invite_attempts = 0, invite_error = NULL,
    invite_after = CASE WHEN %(invite)s AND coalesce(%(email)s, email) IS NOT NULL THEN %(now)s::timestamptz END
WHERE id = %(id)s

-- booking_readdress --
-- Whoever has that address now is invited.
UPDATE bookings SET
    email = %(email)s, sequence = sequence + 1, updated_at = %(now)s::timestamptz, invite_attempts = 0,
    invite_error = NULL, invite_after = CASE WHEN %(invite)s THEN %(now)s::timestamptz END
WHERE id = %(id)s

-- booking_note_move --
INSERT INTO booking_moves (idempotency_key, booking_id, moved_from, created_at)
VALUES (%(idempotency_key)s, %(id)s, %(moved_from)s, %(now)s)

-- booking_get --
SELECT * FROM bookings WHERE id = %(id)s

-- booking_give_to_lead --
UPDATE bookings SET lead_id = %(lead_id)s WHERE id = %(id)s AND lead_id IS NULL

-- booking_cancel --
-- The attendee of a meeting that nobody was invited to need not be told of its end.
UPDATE bookings SET
    status = 'cancelled', sequence = sequence + 1, updated_at = %(now)s::timestamptz, invite_attempts = 0,
    invite_error = NULL, invite_after = CASE WHEN is_perhaps_invited(bookings) THEN %(now)s::timestamptz END
WHERE id = %(id)s AND status = 'booked'

-- bookings_busy --
SELECT starts_at, ends_at FROM bookings
WHERE status = 'booked' AND blocked && tstzrange(%(earliest)s, %(latest)s)
ORDER BY starts_at

-- bookings_list --
-- plan: each time
SELECT * FROM bookings
WHERE starts_at >= %(earliest)s
    AND starts_at < %(latest)s -- if latest
    AND status = %(status)s -- if status
    AND lead_id = %(lead_id)s -- if lead_id
    AND conversation_id = %(conversation_id)s -- if conversation_id
    AND (starts_at, id) > (%(after_at)s, %(after_id)s) -- if after_id
ORDER BY starts_at, id
LIMIT %(limit)s

-- bookings_claim_invitation --
-- Whoever takes one has until mailing_until to send it; others look away. A meeting that is over invites nobody.
UPDATE bookings SET
    invite_attempts = invite_attempts + 1, mails_begun = mails_begun + 1, mailing_until = %(until)s
WHERE id = (
    SELECT id FROM bookings
    WHERE invite_after <= %(now)s AND ends_at > %(now)s AND (mailing_until IS NULL OR mailing_until <= %(now)s)
    ORDER BY invite_after LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING *

-- booking_hold_invitation --
UPDATE bookings SET mailing_until = %(until)s WHERE id = %(id)s AND mails_begun = %(mails_begun)s

-- booking_invited --
-- A change made while the invitation was under way keeps its own turn.
UPDATE bookings SET
    invited_sequence = %(sequence)s, invite_error = NULL, mailing_until = NULL,
    invite_after = CASE WHEN sequence = %(sequence)s THEN NULL ELSE %(now)s::timestamptz END
WHERE id = %(id)s AND mails_begun = %(mails_begun)s

-- booking_not_invited --
-- A change made meanwhile keeps its turn here too.
UPDATE bookings SET
    mailing_until = NULL,
    invite_error = CASE WHEN sequence = %(sequence)s THEN %(code)s ELSE invite_error END,
    invite_after = CASE WHEN sequence = %(sequence)s THEN %(again_at)s::timestamptz ELSE invite_after END,
    invited_sequence = CASE WHEN sequence = %(sequence)s AND %(in_doubt)s THEN sequence ELSE invited_sequence END
WHERE id = %(id)s AND mails_begun = %(mails_begun)s

-- bookings_untold --
-- Mails about meetings to come that are to go out.
SELECT (SELECT count(*) FROM bookings WHERE invite_after IS NOT NULL AND ends_at > %(now)s)
    + (SELECT count(*) FROM booking_withdrawals WHERE ends_at > %(now)s)

-- bookings_outdated_uids --
-- Cancelled, or moved and not yet there as they are now: put there before, and changed since.
SELECT uid FROM bookings WHERE status = 'cancelled' AND starts_at < %(latest)s AND starts_at >= %(earliest)s
UNION ALL
SELECT uid FROM bookings
WHERE kept_sequence IS DISTINCT FROM sequence AND ends_at > %(earliest)s AND sequence > 0 AND status = 'booked'

-- bookings_claim_keeping --
-- Whoever takes one has until keep_after to put it there; a change made meanwhile waits, so that the older of two never
-- lands last. A meeting that is over is left alone, and so is one cancelled before anybody tried to put it there.
UPDATE bookings SET keep_attempts = keep_attempts + 1, keep_after = %(again_at)s
WHERE id = (
    SELECT id FROM bookings
    WHERE kept_sequence IS DISTINCT FROM sequence AND ends_at > %(now)s
        AND (keep_after IS NULL OR keep_after <= %(now)s) AND (status = 'booked' OR keep_attempts > 0)
    ORDER BY keep_after NULLS FIRST, ends_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING *

-- booking_kept --
UPDATE bookings SET kept_sequence = %(sequence)s, keep_attempts = 1, keep_after = NULL WHERE id = %(id)s

-- booking_keep_later --
UPDATE bookings SET keep_after = %(again_at)s WHERE id = %(id)s

-- booking_agent --
-- The company and the language of the profile that talked with them; where none did, it is gone or names none, of the
-- default one.
WITH profiles AS (
    SELECT facts ->> 'company' AS company, facts ->> 'language' AS language, slug = 'default' AS is_default
    FROM agent_profiles
    WHERE slug IN ('default', (SELECT agent FROM conversations WHERE id = %(conversation_id)s))
)
SELECT
    (SELECT company FROM profiles WHERE company <> '' ORDER BY is_default LIMIT 1) AS company,
    (SELECT language FROM profiles WHERE language <> '' ORDER BY is_default LIMIT 1) AS language
