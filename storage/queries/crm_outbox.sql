-- crm_outbox_add --
-- An entry that was carried out before starts anew for a contact; an activity is entered once and for all.
INSERT INTO crm_outbox (platform, kind, subject, reference, payload, due_at, created_at)
VALUES (%(platform)s, %(kind)s, %(subject)s, %(reference)s, %(payload)s, %(now)s, %(now)s)
ON CONFLICT (reference) DO UPDATE
SET generation = crm_outbox.generation + 1,
    state = 'pending',
    attempts = 0,
    due_at = CASE
        WHEN crm_outbox.state = 'pending' AND crm_outbox.attempts = 0 THEN least(crm_outbox.due_at, excluded.due_at)
        ELSE excluded.due_at
    END
WHERE crm_outbox.kind = 'contact'

-- crm_outbox_add_contacts --
INSERT INTO crm_outbox (platform, kind, subject, reference, due_at, created_at)
SELECT %(platform)s, 'contact', contact_id, 'contact:' || contact_id, %(now)s, %(now)s
FROM unnest(%(contact_ids)s::text[]) AS contact_id
ON CONFLICT (reference) DO UPDATE
SET generation = crm_outbox.generation + 1, state = 'pending', attempts = 0, due_at = excluded.due_at

-- crm_outbox_due --
-- Kind by kind, each in the order of its index: as many rows are read as are given out.
SELECT entry.* FROM unnest(%(kinds)s::text[]) AS wanted,
    LATERAL (
        SELECT * FROM crm_outbox
        WHERE platform = %(platform)s AND kind = wanted AND state = 'pending' AND due_at <= %(now)s
            AND (urgent OR kind <> 'contact') -- if pressing
        ORDER BY urgent DESC, due_at, id
        LIMIT %(rows)s
    ) AS entry
ORDER BY urgent DESC, due_at, id

-- crm_outbox_is_waiting --
SELECT EXISTS (SELECT FROM crm_outbox WHERE reference = 'contact:' || %(contact_id)s AND state = 'pending')

-- crm_outbox_hurry --
UPDATE crm_outbox SET urgent = true
WHERE reference = 'contact:' || %(contact_id)s AND platform = %(platform)s AND state = 'pending' AND NOT urgent

-- crm_outbox_is_due --
SELECT EXISTS (
    SELECT FROM crm_outbox
    WHERE platform = %(platform)s AND state = 'pending' AND due_at <= %(now)s
        AND (urgent OR kind <> 'contact') -- if pressing
)

-- crm_outbox_next_due --
SELECT min(due_at) FROM crm_outbox WHERE platform = %(platform)s AND state = 'pending' AND due_at > %(now)s

-- crm_qualification_is_superseded --
SELECT EXISTS (
    SELECT FROM qualification_results AS this
    JOIN qualification_results AS later ON later.lead_id = this.lead_id
    WHERE this.execution_id = %(execution_id)s AND later.created_at > this.created_at
      AND later.created_at <= this.created_at + interval '5 minutes'
)

-- crm_outbox_try --
UPDATE crm_outbox
SET attempts = attempts + 1, tried_at = %(now)s, payload = payload || jsonb_build_object('tried_parent', %(parent)s::text)
WHERE id = %(id)s AND generation = %(generation)s AND state = 'pending'

-- crm_outbox_drop --
DELETE FROM crm_outbox WHERE id = %(id)s

-- crm_outbox_settle --
-- Not when the contact changed again meanwhile.
UPDATE crm_outbox
SET state = %(state)s, done_at = %(now)s, external_id = coalesce(%(external_id)s, external_id), error = %(error)s,
    urgent = false
WHERE id = %(id)s AND generation = %(generation)s

-- crm_outbox_postpone --
-- Not what was called for anew meanwhile: that is due now.
UPDATE crm_outbox SET due_at = %(due_at)s, error = %(error)s, attempts = %(attempts)s
WHERE id = %(id)s AND generation = %(generation)s

-- crm_outbox_wake --
UPDATE crm_outbox SET due_at = least(due_at, %(now)s)
WHERE platform = %(platform)s AND state = 'pending' AND error = %(error)s

-- crm_outbox_revive --
UPDATE crm_outbox SET state = 'pending', attempts = 0, due_at = %(now)s, generation = generation + 1
WHERE reference = %(reference)s

-- crm_outbox_forget --
-- Activities stay: their references keep them from being entered twice.
DELETE FROM crm_outbox WHERE kind = 'contact' AND state IN ('done', 'skipped') AND done_at < %(before)s
