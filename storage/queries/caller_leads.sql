-- lock_caller --
-- Held until the end of the transaction: two calls of one caller bring one lead. 5276 keeps clear of other locks.
SELECT pg_advisory_xact_lock(5276, hashtext(%(origin)s))

-- leads_of_number --
-- Those of nobody in particular first (after_outcomes.is_nobody), then those whose first number it is. Not those that only
-- a caller says have it.
SELECT id, source = 'conversation' AND contact_name IS NULL AND contact_email IS NULL AS is_nobody,
    contact_phone IS NOT DISTINCT FROM %(phone)s AS is_first
FROM leads
WHERE id IN (
        SELECT id FROM leads WHERE contact_phone = %(phone)s
        UNION ALL
        SELECT id FROM leads WHERE further_phones <> '{}' AND further_phones @> ARRAY[%(phone)s::text]
    )
    AND NOT EXISTS (SELECT FROM claimed_numbers AS claimed WHERE claimed.lead_id = leads.id AND phone = %(phone)s)
ORDER BY is_nobody DESC NULLS LAST, is_first DESC, created_at, id
LIMIT 2

-- contacts_of_caller --
-- Those whose first it is before those who have it beside another.
SELECT lead_id, email, first_name, last_name, company, title, phone, linkedin_url, first.is_first
FROM crm_contacts
CROSS JOIN LATERAL (SELECT coalesce(email = %(email)s, false) OR coalesce(phone = %(phone)s, false)) AS first (is_first)
WHERE deleted_at IS NULL AND (
    email = %(email)s OR phone = %(phone)s
    OR (further_emails <> '{}' AND further_emails @> ARRAY[%(email)s::text])
    OR (further_phones <> '{}' AND further_phones @> ARRAY[%(phone)s::text])
)
ORDER BY first.is_first DESC, lead_id NULLS LAST, updated_at DESC, id
LIMIT %(rows)s

-- number_claimed --
-- So many of a lead and no more: who reads them is a person.
INSERT INTO claimed_numbers (lead_id, phone)
SELECT %(lead_id)s, %(phone)s
WHERE (SELECT count(*) FROM claimed_numbers WHERE lead_id = %(lead_id)s) < %(most)s
ON CONFLICT DO NOTHING

-- is_number_claimed --
SELECT EXISTS (SELECT FROM claimed_numbers WHERE lead_id = %(lead_id)s AND phone = %(phone)s)
